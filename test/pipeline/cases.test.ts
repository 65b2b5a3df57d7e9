import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../../src/cli/run.ts';
import { printProblem } from '../../src/config/problem.ts';
import { casesFrom } from '../../src/pipeline/cases/cases-file.ts';
import { openBench } from '../../src/pipeline/cases/run-cases.ts';

const topologies = join(import.meta.dirname, '..', '..', 'topologies');
const file = join(topologies, 'planted.cases.yaml');

/** What a case of these lines is said to do wrong, without the places. */
async function differencesOf(...lines: readonly string[]): Promise<readonly string[]> {
  const text = ['topology: smap.yaml', 'cases:', '  - name: one', ...lines.map((line) => `    ${line}`)].join('\n');
  const { found, problems = [] } = casesFrom(file, text);
  expect(problems.map(printProblem)).toEqual([]);
  const [one] = found?.cases ?? [];
  if (found === undefined || one === undefined) throw new Error('no case');
  return (await openBench(found.topology)).run(one);
}

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
const sample = (entity: string, index: number, values: string) =>
  `{ key: SAT-001/${entity}, value: { timestamp: ${at(index)}, index: ${index}, values: ${values} } }`;
const sends = ['send:', `  - ${sample('A-1', 0, '{ fill: 0.5 }')}`, `  - ${sample('A-2', 4, '{ fill: 1 }')}`];

describe('what comes otherwise than expected is named by topic, key, record and field', () => {
  const expecting = (...records: readonly string[]) =>
    differencesOf(...sends, 'expect:', '  smap-samples:', ...records.map((record) => `    - ${record}`));
  const other = '{ key: SAT-001/A-2 }';

  test('nothing where all is as it should be', async () => {
    expect(await expecting('{ key: SAT-001/A-1, value: { values: [{ fill: 0.5 }] } }', other)).toEqual([]);
  });

  test.each([
    ['{ key: SAT-001/A-1, partition: 1 }', ['smap-samples, SAT-001/A-1, record 0: partition: expected 1, came 2']],
    [
      '{ key: SAT-001/A-1, timestamp: 2026-01-01T00:00:00Z }',
      // A batch has the newest time of what it was made from.
      [
        'smap-samples, SAT-001/A-1, record 0: timestamp: expected 2026-01-01T00:00:00.000Z, came 2026-01-01T00:00:04.000Z',
      ],
    ],
    [
      '{ key: SAT-001/A-1, value: { indices: [1], values: [{ fill: 0.5, sensor_3: 0.6 }] } }',
      [
        'smap-samples, SAT-001/A-1, record 0: indices[0]: expected 1, came 0',
        'smap-samples, SAT-001/A-1, record 0: values[3]: expected 0.6000000238418579, came 0.5',
      ],
    ],
    [
      '{ key: SAT-001/A-1, value: { indices: null } }',
      ['smap-samples, SAT-001/A-1, record 0: indices: expected null, came [0]'],
    ],
    [
      '{ key: SAT-001/A-1, value: { values: { of: 50, fill: 0.5 } } }',
      ['smap-samples, SAT-001/A-1, record 0: values: expected 50, came 25: [25 × 0.5]'],
    ],
    [
      '{ key: SAT-001/A-1, value: { values: [{ fill: 1 }] } }',
      [
        ...[0, 1, 2].map((i) => `smap-samples, SAT-001/A-1, record 0: values[${i}]: expected 1, came 0.5`),
        'smap-samples, SAT-001/A-1, record 0: values: and 22 more',
      ],
    ],
    [
      '{ key: SAT-001/A-1, value: { timestamps: [2026-01-01T00:00:01Z] } }',
      [
        'smap-samples, SAT-001/A-1, record 0: timestamps[0]: expected 2026-01-01T00:00:01.000Z, came 2026-01-01T00:00:00.000Z',
      ],
    ],
  ])('%s', async (record, says) => {
    expect(await expecting(record, other)).toEqual(says);
  });

  test('a record too few and a record too many', async () => {
    expect(await expecting('{ key: SAT-001/A-1 }', '{ key: SAT-001/A-1, value: { indices: [9] } }')).toEqual([
      'smap-samples, SAT-001/A-1, record 1: did not come: { indices: [9] }',
      expect.stringMatching(
        /^smap-samples, SAT-001\/A-2, record 0: came and was not expected: \{ satellite_id: SAT-001, entity: A-2, /,
      ),
    ]);
  });
});

describe('dead letters are exactly those that are named', () => {
  const refused = ['send:', `  - ${sample('A-1', 0, '{ fill: .nan }')}`];

  test.each([
    [[], ['came and was not expected']],
    [['{ code: entity-unknown }'], ['code: expected entity-unknown, came telemetry-invalid']],
    [['{ code: telemetry-invalid, detail: [are, was] }'], ['does not contain `was`']],
    [
      ['{ code: telemetry-invalid, samples: [0], key: SAT-001/A-2 }'],
      ['expected SAT-001/A-2', 'expected [0], came null'],
    ],
    [
      ['{ code: telemetry-invalid }', '{ code: record-corrupt, detail: x }'],
      ['a dead letter did not come: { code: record-corrupt, detail: [x] }'],
    ],
  ])('%j', async (letters, says) => {
    const found = await differencesOf(...refused, 'deadLetters:', ...letters.map((letter) => `  - ${letter}`));
    expect(found).toEqual(says.map((text) => expect.stringContaining(text)));
  });
});

test('mistakes are named with their places, all at once', () => {
  const text = `topology: smap.yaml
cases:
  - name: one
    sent: []
    send:
      - { topic: smap-telemetri, key: a/b, value: {} }
      - { key: SAT-001/A-1, value: { timestamp: 2026-01-01T00:00:00, index: x, valeus: [1] } }
      - { key: SAT-001/A-1, schema: samples, value: {} }
      - { key: SAT-001/A-1, partition: 4, bytes: 0g }
      - { key: SAT-001/A-1, value: { timestamp: 0, values: { fill: 0, sensr_3: 1, 25: 1 } } }
      - { key: SAT-009/A-1, value: { timestamp: 0, values: { fill: 0 } } }
      - { after: soon, topic: smap-batches, key: SAT-001/A-1, value: { timestamps: [0], values: [{ fill: 0 }] } }
      - { after: soon, key: *nobody, bytes: 00 }
    expect:
      smap-inference-results: []
      smap-dead-letters: []
      smap-telemetry: []
      smap-samples: [{ partition: 0 }]
    deadLetters: [{ code: entity-unknwon }, { detail: x }, { code: telemetry-invalid, stage: ingst }]
  - name: one
    send: []
    gather: { maxRecords: 0 }
`;
  const short = ({ line, path, what, remedy }: { line: number; path: string; what: string; remedy: string }) =>
    `${line} ${path}: ${what}; ${remedy}`;
  const found = (casesFrom(file, text).problems ?? []).map(short);
  expect(found).toEqual([
    '4 cases.0.sent: unknown key; did you mean `send`?',
    '6 cases.0.send.0.topic: there is no topic `smap-telemetri`; did you mean `smap-telemetry`?',
    expect.stringMatching(/^7 cases.0.send.1.value.timestamp: must be a time, .*; write it like 2026-01-31T12:00:00Z/),
    '7 cases.0.send.1.value.index: must be a whole number, not `x`; write a number without quotes',
    '7 cases.0.send.1.value.valeus: unknown key; did you mean `values`?',
    expect.stringMatching(/^8 cases.0.send.2.schema: `smap-telemetry` does not carry `samples`; write one of /),
    '9 cases.0.send.3.partition: 4 is too large; write 3 or less',
    '9 cases.0.send.3.bytes: must be bytes; write two hexadecimal digits for each, like 00ff',
    '10 cases.0.send.4.value.values.sensr_3: unknown key; did you mean `sensor_3`?',
    '10 cases.0.send.4.value.values.25: there are only 25; write a place from 0 to 24',
    '11 cases.0.send.5.value.values: says not how many; write how many, like `of: 25`',
    expect.stringMatching(/^12 cases.0.send.6: no stage that can run in a case reads `smap-batches`/),
    '13 cases.0.send.7.after: must be a duration, not `soon`; write it like 10ms, 30s or 2m',
    expect.stringMatching(/^13 .*nobody/),
    expect.stringMatching(/^15 .*: smap-inference-results is written by infer, which cannot run in a case yet/),
    expect.stringMatching(/^16 .*is the topic of the dead letters; write them under `deadLetters:`/),
    expect.stringMatching(/^17 .*no stage writes `smap-telemetry`/),
    expect.stringMatching(/^18 .*key is missing; write `key:`/),
    '19 cases.0.deadLetters.0.code: no record is refused as `entity-unknwon`; did you mean `entity-unknown`?',
    '19 cases.0.deadLetters.1: code is missing; write `code:` and why it is refused',
    '19 cases.0.deadLetters.2.stage: no stage `ingst` runs in a case; did you mean `ingest`?',
    '20 cases.1: another case is called `one`; give it a name of its own',
    '22 cases.1.gather.maxRecords: 0 is too small; write 1 or more',
  ]);
});

test('a few lines of aliases cannot stand for millions of records', () => {
  const values = `&v [${new Array(1000).fill('1').join(', ')}]`;
  const record = `&r { key: SAT-001/A-1, value: { timestamp: 0, values: ${values} } }`;
  const text = `topology: smap.yaml\ncases:\n  - { name: a, send: [${record}, ${new Array(2000).fill('*r').join(', ')}] }\n`;
  expect(casesFrom(file, text).problems?.map(({ what }) => what)).toContain('the file stands for too many values');
});

describe('the verb', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'downlink-cases-'));
    copyFileSync(join(topologies, 'smap.yaml'), join(folder, 'smap.yaml'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function topologyTest(...args: readonly string[]) {
    let [out, err] = ['', ''];
    const shell = { env: {}, untilToldToStop: () => Promise.resolve() };
    const code = await run(['topology', 'test', ...args], {
      ...shell,
      out: (text) => (out += text),
      err: (text) => (err += text),
    });
    return { code, out, err };
  }

  test('finds the cases beside the topology, or the topology that they name', async () => {
    const smap = join(topologies, 'smap.yaml');
    const { code, out, err } = await topologyTest(smap);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^ok {6}.*\n(ok .*\n)+(\d+) of \2 cases hold\n$/);
    expect(await topologyTest(join(topologies, 'smap.cases.yaml'))).toEqual({ code, out, err });
    expect(await topologyTest(join(folder, 'smap.yaml'), '--cases', join(topologies, 'smap.cases.yaml'))).toEqual({
      code,
      out,
      err,
    });
  });

  test('says which case does not hold, where it stands, and why', async () => {
    const changed = readFileSync(join(topologies, 'smap.cases.yaml'), 'utf8').replace('indices: [7]', 'indices: [8]');
    const cases = join(folder, 'smap.cases.yaml');
    writeFileSync(cases, changed);
    const { code, out } = await topologyTest(join(folder, 'smap.yaml'));
    expect(code).toBe(1);
    expect(out).toContain(`\n        smap-samples, SAT-001/A-1, record 0: indices[0]: expected 8, came 7\n`);
    expect(out).toMatch(/^FAILED {2}a sample becomes .* \(.*smap\.cases\.yaml:\d+\)\n/);
    const [, held, all] = /(\d+) of (\d+) cases hold\n$/.exec(out) ?? [];
    expect(Number(held)).toBe(Number(all) - 1);
  });

  test('has mistakes for an answer, not a trace', async () => {
    const lacking = join(folder, 'other.yaml');
    expect(await topologyTest(lacking)).toEqual({
      code: 1,
      out: '',
      err: `${join(folder, 'other.cases.yaml')}:1:1: cannot be read (ENOENT); write cases there, or name the file with them (\`--cases PATH\`)\n1 mistake\n`,
    });
    const empty = join(folder, 'empty.cases.yaml');
    writeFileSync(empty, 'topology: smap.yaml\n');
    expect((await topologyTest(empty)).err).toContain('has no cases; write some under `cases:`');
    writeFileSync(empty, 'topology: nowhere.yaml\ncases: []\n');
    expect((await topologyTest(empty)).err).toContain('name a topology file that is there');
    writeFileSync(empty, 'cases: []\n');
    expect((await topologyTest(empty)).err).toContain('topology is missing');
  });
});
