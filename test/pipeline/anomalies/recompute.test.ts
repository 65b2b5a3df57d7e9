import { describe, expect, test } from '@jest/globals';
import { compare, type Explanation } from '../../../src/pipeline/anomalies/compare.ts';
import { explanationText } from '../../../src/pipeline/anomalies/explanation-text.ts';
import { recompute } from '../../../src/pipeline/anomalies/recompute.ts';
import type { ScoresAt } from '../../../src/pipeline/anomalies/scores-between.ts';
import type { Anomaly } from '../../../src/pipeline/anomalies/told.ts';
import { entity, inRecords, key, levels, settings, toldOf } from './busy-stretches.ts';

type Recorded = readonly [Anomaly, ...Anomaly[]];

const lastOf = (recorded: Recorded): Anomaly => recorded.at(-1) ?? recorded[0];

function again(recorded: Recorded, all: readonly ScoresAt[], more: object = {}): Promise<Explanation> {
  const { first_offset, last_offset } = lastOf(recorded);
  const records = all.filter(({ offset }) => offset >= first_offset && offset <= last_offset);
  return compare(recorded, { entity, settings: { ...settings, ...more }, records: () => records });
}

/** The first of one busy stretch, with its records. */
function one(rows = 2_400): { recorded: Recorded; records: readonly ScoresAt[] } {
  const records = inRecords(levels(rows, 2_000), 8);
  const [recorded] = toldOf(records);
  if (recorded === undefined) throw new Error('nothing was found');
  return { recorded, records };
}

describe('from what the rules knew before, and the same scores, comes the same', () => {
  test.each([1, 8, 64, 333])('in records of %d rows', async (size) => {
    const records = inRecords(levels(2_800, 2_000, 2_500), size);
    const found = toldOf(records);
    expect(found.map((recorded) => lastOf(recorded).phase)).toContain('closed');
    expect(found.length).toBeGreaterThanOrEqual(2);
    for (const recorded of found)
      expect(await again(recorded, records)).toMatchObject({
        differences: [],
        because: undefined,
        told: { length: recorded.length },
      });
  });

  test('where an earlier one begins and ends in the record in which it begins', async () => {
    const records = inRecords(levels(2_800, 2_000, 2_320), 500);
    const [first, second] = toldOf(records);
    if (first === undefined || second === undefined) throw new Error('there are not two');
    expect([first[0].first_offset, lastOf(first).last_offset, second[0].first_offset]).toEqual([4, 4, 4]);
    for (const recorded of [first, second]) expect(await again(recorded, records)).toMatchObject({ differences: [] });
  });

  test('while it is open', async () => {
    const { recorded, records } = one(2_050);
    expect(lastOf(recorded).phase).toBe('opened');
    expect(await again(recorded, records)).toMatchObject({ differences: [], because: undefined });
  });
});

test('what each rule saw is said around begin and peak, also where it did not alarm', async () => {
  const { recorded, records } = one();
  const explained = await again(recorded, records);
  if ('cannot' in explained) throw new Error(explained.cannot);
  const { begin_index: begin, peak_index: peak } = lastOf(recorded);
  const seen = new Map(explained.seen.map((row) => [row.index, row.sights]));
  const of = (index: number) => seen.get(index)?.find(({ rule }) => rule === 'too-busy');
  for (const row of [begin, peak]) expect([...seen.keys()]).toEqual(expect.arrayContaining([row, row + 1, row + 2]));
  expect(of(begin)?.alarms).toBe(true);
  expect(of(begin)?.ratio).toBeCloseTo(recorded[0].severity * 1.3, 12);
  expect(of(peak)?.ratio).toBeCloseTo(lastOf(recorded).peak_severity * 1.3, 12);
  // Of four rows that make a mean of shapes three say nothing.
  const shapes = explained.seen.flatMap(({ sights }) => sights).filter(({ rule }) => rule === 'unusual-shape');
  expect(shapes.some(({ ratio }) => ratio === undefined)).toBe(true);
  expect(shapes.some(({ ratio }) => ratio !== undefined)).toBe(true);
});

test('another factor comes to something else, and is named with what it was', async () => {
  const { recorded, records } = one();
  expect(await again(recorded, records, { busyFactor: 1.5 })).toMatchObject({
    because: 'with the busyFactor 1.3 it does; in the topology it is 1.5 now',
  });
  const never = await again(recorded, records, { busyFactor: 1_000, shapeFactor: 1_000 });
  expect(never).toMatchObject({
    because: expect.stringMatching(/^nothing begins from row 200\d on; its scores, the rules /),
    told: [],
  });
  expect(explanationText(lastOf(recorded), never)).toMatch(
    /\ndiffers as opened: phase\n[^]*\nIt does not come to the same: nothing begins .*\.\n$/,
  );
});

test('what the entity has of its own counts', async () => {
  const { recorded, records } = one();
  const entities = (busyFactor: number) => ({ busyFactor: 1.5, entities: { [key]: { busyFactor } } });
  expect(await again(recorded, records, entities(1.3))).toMatchObject({ differences: [] });
  expect(await again(recorded, records, entities(1.4))).toMatchObject({
    because: expect.stringMatching(/ is 1.4 now$/),
  });
});

test('a number that is another by one bit is a difference', async () => {
  const { recorded, records } = one();
  const last = { ...lastOf(recorded), peak_severity: lastOf(recorded).peak_severity * (1 + Number.EPSILON) };
  const explained = await again([...recorded.slice(0, -1), last] as unknown as Recorded, records);
  expect(explained).toMatchObject({ differences: [{ phase: 'closed', field: 'peak_severity' }] });
  expect(explained).toMatchObject({
    because: expect.stringMatching(/^its scores, the rules or their settings are others/),
  });
});

test('what older records do not say is no difference, and what they say is', async () => {
  const { recorded, records } = one();
  const older = recorded.map((phase) => ({ ...phase, told_time: null, severities: [] })) as unknown as Recorded;
  expect(await again(older, records)).toMatchObject({ differences: [] });
  const [opened, ...more] = recorded;
  const [first] = opened.severities;
  if (first === undefined) throw new Error('no rule has a severity');
  const changed = { ...opened, severities: [{ ...first, severity: first.severity * (1 + Number.EPSILON) }] };
  expect(await again([changed, ...more], records)).toMatchObject({
    differences: [{ phase: 'opened', field: 'severities' }],
  });
});

test('it does not count of which class the parts of a record are', async () => {
  const { recorded, records } = one();
  const asRead = (sensors: Anomaly['sensors']) =>
    sensors.map((share) => Object.assign(Object.create({}) as object, share));
  const read = recorded.map((phase) => ({ ...phase, sensors: asRead(phase.sensors) }));
  expect(await again(read as unknown as Recorded, records)).toMatchObject({ differences: [] });
});

test('other scores come to something else', async () => {
  const { recorded } = one();
  const calm = inRecords(levels(2_400), 8);
  expect(await again(recorded, calm)).toMatchObject({
    because: expect.stringMatching(/^nothing begins from row 200\d on/),
  });
});

describe('it cannot be computed', () => {
  const { recorded, records } = one();
  const [opened] = recorded;

  test.each<[string, Recorded, object, readonly ScoresAt[], RegExp]>([
    ['without the record that opened it', [lastOf(recorded)], {}, records, /no longer in the topic$/],
    [
      'from a state of another version',
      [{ ...opened, state_before: Buffer.concat([Buffer.of(99), opened.state_before?.subarray(1) ?? Buffer.of()]) }],
      {},
      records,
      /is of version 99, and this downlink reads \d+$/,
    ],
    ['with fewer rules', recorded, { rules: ['too-busy'] }, records, /other rules, sensors, `res` or `shapeRows`/],
    ['with other means of shapes', recorded, { shapeRows: '8' }, records, /other rules, sensors, `res` or `shapeRows`/],
    ['without the sensor', recorded, { sensors: ['gone'] }, records, /^S\/A-1 has no sensor gone in the topology$/],
    [
      'from a topic that begins anew',
      recorded,
      {},
      inRecords(levels(4_000), 1),
      /^scores 3:\d+ does not hold row 200\d of S\/A-1: the topic is not the one that it was$/,
    ],
    ['from nothing', recorded, {}, [], /^no record of S\/A-1 is where its scores were$/],
  ])('%s', async (_, phases, more, all, says) => {
    const explained = await again(phases, all, more);
    expect(explained).toEqual({ cannot: expect.stringMatching(says) });
    expect(explanationText(lastOf(phases), explained)).toMatch(/\nIt cannot be computed again: .*\.\n$/);
  });

  test('where the fleet has other sensors than the scores', async () => {
    const last = lastOf(recorded);
    const wide = { ...entity, sensors: ['bit', 'level', 'more'] };
    const computed = await recompute({
      opened,
      last,
      entity: wide,
      settings,
      records: records.slice(last.first_offset),
    });
    expect(computed).toEqual({
      cannot: expect.stringMatching(/ has 2 sensors a row, and the topology has 3 for S\/A-1$/),
    });
  });
});
