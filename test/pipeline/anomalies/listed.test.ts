import { expect, test } from '@jest/globals';
import { anomalyJson, anomalyTable } from '../../../src/pipeline/anomalies/anomaly-lines.ts';
import { anomalyText } from '../../../src/pipeline/anomalies/anomaly-text.ts';
import { newest, type AnomalyFilter } from '../../../src/pipeline/anomalies/newest.ts';
import { phasesOf } from '../../../src/pipeline/anomalies/phases-of.ts';
import type { Anomaly, Told } from '../../../src/pipeline/anomalies/told.ts';

const told = (offset: number, entity: string, begin: number, phase: Anomaly['phase'], end: number): Told => ({
  topic: 'anomalies',
  partition: 0,
  offset: BigInt(offset),
  anomaly: {
    id: `S/${entity}:RQ:${begin}`,
    satellite_id: 'S',
    entity,
    phase,
    begin_index: begin,
    begin_time: 1_000 * begin,
    end_index: end,
    end_time: 1_000 * end,
    rules: ['too-busy'],
    severity: phase === 'closed' ? 0 : 1.25,
    peak_severity: end / begin,
    peak_index: begin,
    peak_time: 1_000 * begin,
    sentence: 'level moves\u001b[2J',
    sensors: [{ sensor: 'level', share: 0.75 }],
    model: 'm',
    model_version: '1',
    weights: 'w',
    topic: 'scores',
    partition: 3,
    first_offset: 7,
    last_offset: 7 + offset,
    state_before: phase === 'opened' ? Buffer.alloc(12) : null,
    told_time: null,
    severities: [],
  },
});

const all: readonly Told[] = [
  told(0, 'A-1', 100, 'opened', 100),
  told(1, 'A-1', 100, 'updated', 180),
  told(2, 'B-1', 300, 'opened', 300),
  told(3, 'A-1', 100, 'closed', 200),
  told(4, 'B-1', 300, 'updated', 450),
  told(5, 'A-1', 400, 'opened', 400),
  told(6, 'A-1', 400, 'closed', 420),
];
const none = { entities: undefined, open: undefined, since: undefined };
const ids = async (filter: Partial<AnomalyFilter>): Promise<string[]> =>
  (await newest(all, { ...none, ...filter })).map(({ id, phase }) => `${id} ${phase}`);

test('of each anomaly the last record counts, and the one that began last comes first', async () => {
  expect(await ids({})).toEqual(['S/A-1:RQ:400 closed', 'S/B-1:RQ:300 updated', 'S/A-1:RQ:100 closed']);
});

test('only those that are asked for', async () => {
  expect(await ids({ entities: ['S/A-1'] })).toEqual(['S/A-1:RQ:400 closed', 'S/A-1:RQ:100 closed']);
  expect(await ids({ open: true })).toEqual(['S/B-1:RQ:300 updated']);
  // One that is open is on now, whenever it alarmed last.
  expect(await ids({ since: 420_001 })).toEqual(['S/B-1:RQ:300 updated']);
  expect(await ids({ since: 200_001 })).toEqual(['S/A-1:RQ:400 closed', 'S/B-1:RQ:300 updated']);
  expect(await ids({ since: 1e15, open: true })).toEqual(['S/B-1:RQ:300 updated']);
});

test('a line has begin, end, state, severity at its peak, rules and sentence, and steers no terminal', async () => {
  const lines = anomalyTable(await newest(all, { ...none, entities: ['S/B-1'] })).split('\n');
  expect(lines).toEqual([
    'anomaly       begin                     end                       state  severity  rules     what',
    'S/B-1:RQ:300  1970-01-01T00:05:00.000Z  1970-01-01T00:07:30.000Z  open   1.50      too-busy  level moves\\u001b[2J',
    '1 anomaly, 1 open',
    '',
  ]);
  expect(anomalyTable([])).toBe('0 anomalies, 0 open\n');
});

test('as JSON it is what its last record says, without what the rules knew', async () => {
  const [one] = await newest(all.slice(0, 1), none);
  if (one === undefined) throw new Error('none');
  const said = JSON.parse(anomalyJson({ ...one, state_before: Buffer.alloc(12) })) as object;
  expect(said).toMatchObject({
    state: 'open',
    phase: 'opened',
    id: 'S/A-1:RQ:100',
    begin_time: 100_000,
    severity: 1.25,
  });
  expect(said).not.toHaveProperty('state_before');
});

test('one is shown with all phases in order, and where its scores lie', async () => {
  const text = anomalyText(await phasesOf('S/A-1:RQ:100', all));
  expect(text.split('\n')).toEqual([
    'S/A-1:RQ:100  closed',
    '  entity   S/A-1',
    '  begin    row 100 at 1970-01-01T00:01:40.000Z',
    '  end      row 200 at 1970-01-01T00:03:20.000Z',
    '  rules    too-busy',
    '  peak     severity 2, row 100 at 1970-01-01T00:01:40.000Z',
    '  what     level moves\\u001b[2J',
    '  sensors  level 75 %',
    '  model    m 1, weights w',
    '  scores   scores 3:7 to 3:10',
    '  state    12 bytes before 7',
    'phases',
    expect.stringMatching(
      /^ {2}opened +anomalies 0:0 +by 7 +last alarm row 100 .* severity 1.25, at most 1.00 +too-busy$/,
    ),
    expect.stringMatching(/^ {2}updated +anomalies 0:1 /),
    expect.stringMatching(/^ {2}closed +anomalies 0:3 .* severity 0.00, at most 2.00 +too-busy$/),
    '',
  ]);
});

test('found again from the start, only the last time counts; one without its first record is shown as far as it goes', async () => {
  const twice = [...all, told(7, 'A-1', 100, 'opened', 100), told(8, 'A-1', 100, 'closed', 150)];
  expect((await phasesOf('S/A-1:RQ:100', twice)).map(({ offset }) => Number(offset))).toEqual([7, 8]);
  const cut = await phasesOf('S/A-1:RQ:100', all.slice(1));
  expect(cut.map(({ anomaly }) => anomaly.phase)).toEqual(['updated', 'closed']);
  expect(anomalyText(cut)).toContain('  state    not kept in what is left of it\n');
});

test('an id that is not there is refused with the one that was meant', async () => {
  await expect(phasesOf('S/A-1:RQ:401', all)).rejects.toThrow(
    'config-invalid: there is no anomaly S/A-1:RQ:401; did you mean `S/A-1:RQ:400`? `anomalies ls` shows all',
  );
  await expect(phasesOf('S/A-1:RQ:401', [])).rejects.toThrow(
    'there is no anomaly S/A-1:RQ:401; `anomalies ls` shows all',
  );
});
