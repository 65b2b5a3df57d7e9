import { expect, test } from '@jest/globals';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { openReadiness } from '../../src/telemetry/readiness.ts';
import { startTelemetry } from '../../src/telemetry/server.ts';
import { scrape } from '../../src/pipeline/scrape.ts';
import { statusTable } from '../../src/pipeline/status-table.ts';
import type { LaneStatus } from '../../src/pipeline/status.ts';

test('what processes say of lanes is put together; one that does not answer is a note', async () => {
  const metrics = openMetrics({ now: () => 1_000 });
  metrics.listen({ event: 'generation', stage: 'copy', number: 1, member: 'm', partitions: [0] });
  metrics.listen({ event: 'lane-opened', stage: 'copy', partition: 0, from: 0n, restored: 0, ms: 1 });
  const lanes = [{ partition: 0, offset: 5n, records: 5, behind: 0n }];
  metrics.listen({ event: 'committed', stage: 'copy', lanes, form: 'v2', ms: 1 });
  const server = await startTelemetry({ metrics, readiness: openReadiness([]), host: '127.0.0.1', port: 0 });
  const found = await scrape([server.url, 'http://127.0.0.1:1/metrics', `${server.url}/nowhere`]);
  await server.close();
  expect([...found.lanes]).toEqual([['copy 0', { records: 5, restores: 1, lastCommit: 1_000 }]]);
  expect([...found.forms]).toEqual([['copy', 'v2']]);
  expect(found.notes).toEqual(
    [
      `${server.url}/nowhere: no metrics (HTTP 404)`,
      expect.stringContaining('http://127.0.0.1:1/metrics: no metrics ('),
    ].sort(),
  );
});

test('the table has a line a lane, a hyphen for what nobody could say, and the notes', () => {
  const lane: LaneStatus = {
    stage: 'copy',
    topic: 'in',
    partition: 0,
    member: 'downlink-0a1b2c3d-0000-4000-8000-000000000000',
    host: '/127.0.0.1',
    committed: 30,
    lagRecords: 12,
    lagSeconds: 3.44,
    recordsPerSecond: undefined,
    deadLetters: 2,
    lastCommitSecondsAgo: undefined,
    restores: undefined,
    form: undefined,
  };
  const idle = {
    ...lane,
    partition: 1,
    member: undefined,
    recordsPerSecond: 7.25,
    lastCommitSecondsAgo: 0.5,
    form: 'v2',
  };
  const text = statusTable({
    topology: 'small',
    at: '2026-01-01T10:20:30.000Z',
    groups: [{ group: 'small.copy', state: 'Stable', members: 1 }],
    lanes: [lane, { ...idle, restores: 1 }],
    notes: ['a note'],
  });
  expect(text.split('\n')).toEqual([
    'small at 10:20:30: small.copy stable, 1 member',
    '',
    'stage  lane  member                        lag  seconds  records/s  dead  last commit  restores  form',
    'copy   0     downlink-0a1b2c3d /127.0.0.1  12   3.4      -          2     -            -         -',
    'copy   1     -                             12   3.4      7.3        2     0.5 s ago    1         v2',
    '',
    'a note',
    '',
  ]);
});
