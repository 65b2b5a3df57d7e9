import { expect, test } from '@jest/globals';
import type { Row } from '../../../src/contract/index.ts';
import { tables } from '../../../src/sinks/postgres/tables.ts';
import { storeAnomalies, storeJobs, storeLetters, storeResults, storeScores } from '../../../src/stages/store/index.ts';
import { validRecords } from '../../support/samples.ts';
import { made, someRecord, type Made } from '../../support/stored-rows.ts';

const rows = ({ send }: Made): readonly Row[] => send.map(({ value }) => value);
const { job, scores, anomaly } = validRecords;
const cancel = validRecords['job-cancel'];
const result = validRecords['job-result'];

test('a job is a row, and a cancel says of which', () => {
  const found = rows(made(storeJobs, [someRecord(job), someRecord(cancel)]));
  expect(found).toEqual([
    { table: 'jobs', columns: job },
    { table: 'job_cancels', columns: cancel },
  ]);
});

test('a result is complete at the time of its record; what inference did not take was waiting', () => {
  const [row] = rows(made(storeResults, [someRecord(result, { timestamp: result.submitted_at + 40 })]));
  expect(row).toEqual({
    table: 'inference_results',
    columns: { ...result, completed_at: result.submitted_at + 40, total_ms: 40, queue_ms: 38.5 },
  });
});

test('a result that seems older than its job took no time', () => {
  const [row] = rows(made(storeResults, [someRecord(result, { timestamp: result.submitted_at - 5 })]));
  expect(row?.columns).toMatchObject({ total_ms: 0, queue_ms: 0, completed_at: result.submitted_at - 5 });
});

test('scores are a row for each sample', () => {
  const found = rows(made(storeScores, [someRecord(scores)]));
  expect(found.map(({ columns }) => columns)).toEqual(
    [0, 1, 2].map((at) => ({
      ...{ satellite_id: 'SAT-001', entity: 'A-1', model: 'smap_fleet', model_version: '1', threshold: 0.25 },
      weights: scores.weights,
      sample_index: 7 + at,
      measured_at: scores.timestamps[at],
      score: scores.score[at],
      detected: at === 1,
      warming: at === 0,
      gap: false,
    })),
  );
});

test('scores whose columns are of other lengths are refused, and those beside them are not', () => {
  const short = { ...scores, detected: [true] };
  const { send, reject } = made(storeScores, [someRecord(short), someRecord(scores)]);
  expect(send).toHaveLength(3);
  const detail = 'SAT-001/A-1: 1 of detected are not those of 3 samples';
  expect(reject).toEqual([{ record: 0, code: 'telemetry-invalid', detail }]);
});

test('an anomaly is a row with its sensors and their shares beside each other', () => {
  const [row] = rows(made(storeAnomalies, [someRecord(anomaly)]));
  expect(row?.columns).toMatchObject({
    ...{ id: anomaly.id, phase: 'opened', rules: ['too-busy'], sensors: ['sensor_0'], shares: [0.9] },
    ...{ source_topic: 'smap-inference-results', source_partition: 1, last_offset: 41 },
  });
});

test('a letter is a row with its own place, and what its headers say of where it comes from', () => {
  const headers: Readonly<Record<string, string>> = {
    'downlink.code': 'record-corrupt',
    'downlink.phase': 'decode',
    'downlink.stage': 'ingest',
    'downlink.topic': 'telemetry',
    'downlink.partition': '3',
    'downlink.offset': '12',
    'downlink.samples': '0,2',
    'downlink.detail': 'cut short',
  };
  const letter = someRecord(Buffer.from([1, 2]), { offset: 9n, timestamp: 5, header: (name) => headers[name] ?? null });
  expect(rows(made(storeLetters, [letter]))).toEqual([
    {
      table: 'dead_letters',
      columns: {
        ...{ topic: 't', partition: 1, record_offset: 9n, recorded_at: 5, key: 'k', value: Buffer.from([1, 2]) },
        ...{ code: 'record-corrupt', phase: 'decode', stage: 'ingest', samples: '0,2', detail: 'cut short' },
        ...{ origin_topic: 'telemetry', origin_partition: 3, origin_offset: 12n },
      },
    },
  ]);
});

test('what is no letter of ours is a row all the same: nothing that comes from there may go back to it', () => {
  const odd = new Map([
    ['downlink.partition', 'three'],
    ['downlink.offset', '99999999999999999999'],
  ]);
  const { send, reject } = made(storeLetters, [
    someRecord<Buffer | null>(null),
    someRecord<Buffer | null>(null, { header: (name) => odd.get(name) ?? null }),
  ]);
  expect(reject).toEqual([]);
  for (const { value } of send)
    expect(value.columns).toMatchObject({ code: null, value: null, origin_partition: null, origin_offset: null });
  expect(send).toHaveLength(2);
});

test.each([
  ['a job', storeJobs, job],
  ['a cancel', storeJobs, cancel],
  ['a result', storeResults, result],
  ['scores', storeScores, scores],
  ['an anomaly', storeAnomalies, anomaly],
  ['a letter', storeLetters, null],
])(
  'rows of %s have the columns of their table and no others, and the stage says that it fills it',
  (_, definition, value) => {
    const found = rows(made(definition as never, [someRecord(value)]));
    expect(found).not.toEqual([]);
    for (const row of found) {
      expect('tables' in definition.writes && definition.writes.tables).toContain(row.table);
      expect(Object.keys(row.columns).sort()).toEqual(Object.keys(tables[row.table].columns).sort());
    }
  },
);
