import { expect, test } from '@jest/globals';
import { DownlinkError } from '../../src/errors.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';

const stage = 'copy';
const linesOf = async (metrics: { text(): Promise<string> }, name: string) =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith(`downlink_${name}`));

const committed = (partition: number, records: number, behind: bigint) =>
  ({
    event: 'committed',
    stage,
    lanes: [{ partition, offset: 10n, records, behind }],
    form: 'v2',
    ms: 20,
  }) as const;

test('events become counters, durations by form, and gauges of what a partition has', async () => {
  const metrics = openMetrics({ now: () => 1_000 });
  const error = new DownlinkError('registry-unavailable', 'away');
  metrics.listen({ event: 'generation', stage, number: 7, member: 'm', partitions: [0, 1] });
  metrics.listen({ event: 'lane-opened', stage, partition: 0, from: 0n, restored: 3, ms: 40 });
  metrics.listen({ event: 'turn', stage, partition: 0, records: 5, ms: 2, traces: [] });
  metrics.listen({ event: 'rejected', stage, partition: 0, code: 'record-corrupt', records: 2 });
  metrics.listen({ event: 'retrying', stage, partition: 0, error, pauseMs: 50 });
  metrics.listen(committed(0, 5, 12n));
  metrics.listen({ event: 'not-committed', stage, end: 'unknown', why: 'no answer' });
  const text = await metrics.text();
  for (const line of [
    'downlink_consumed_records_total{stage="copy",partition="0"} 5',
    'downlink_committed_records_total{stage="copy",partition="0"} 5',
    'downlink_turn_seconds_count{stage="copy"} 1',
    'downlink_commit_seconds_sum{stage="copy",form="v2"} 0.02',
    'downlink_uncommitted_transactions_total{stage="copy",end="unknown"} 1',
    'downlink_rejected_records_total{stage="copy",partition="0",code="record-corrupt"} 2',
    'downlink_retried_turns_total{stage="copy",partition="0",code="registry-unavailable"} 1',
    'downlink_restored_lanes_total{stage="copy",partition="0"} 1',
    'downlink_restored_checkpoints_total{stage="copy",partition="0"} 3',
    'downlink_lag_records{stage="copy",partition="0"} 12',
    'downlink_last_commit_timestamp_seconds{stage="copy",partition="0"} 1000',
    'downlink_generation_number{stage="copy"} 7',
    'downlink_assigned_lanes{stage="copy"} 2',
    'downlink_open_lanes{stage="copy"} 1',
  ])
    expect(text.split('\n')).toContain(line);
});

test('the gauges of a partition that was taken away disappear, also where its last commit is heard of later', async () => {
  const metrics = openMetrics();
  const generation = { event: 'generation', stage, number: 1, member: 'm' } as const;
  metrics.listen({ ...generation, partitions: [0, 1] });
  metrics.listen(committed(0, 1, 3n));
  metrics.listen(committed(1, 1, 4n));
  metrics.listen({ ...generation, number: 2, partitions: [1] });
  metrics.listen(committed(0, 1, 5n));
  expect(await linesOf(metrics, 'lag_records')).toEqual(['downlink_lag_records{stage="copy",partition="1"} 4']);
  expect(await linesOf(metrics, 'last_commit_timestamp_seconds{')).toHaveLength(1);
  metrics.listen({ event: 'fenced', stage, why: 'another' });
  expect(await linesOf(metrics, 'lag_records')).toEqual([]);
  expect(await linesOf(metrics, 'assigned_lanes')).toEqual(['downlink_assigned_lanes{stage="copy"} 0']);
});

test('two callers have their own, and every name and label is as the design has it', async () => {
  const [one, other] = [openMetrics({ ofProcess: true }), openMetrics()];
  one.listen({ event: 'generation', stage, number: 1, member: 'm', partitions: [0] });
  expect(await linesOf(other, 'generation_number')).toEqual([]);
  const text = await one.text();
  expect(text).toContain('process_cpu_seconds_total');
  const names = [...text.matchAll(/^# TYPE (downlink_\S+) (\w+)$/gm)].map(([, name = '', type]) => ({ name, type }));
  expect(names.length).toBeGreaterThan(15);
  for (const { name, type } of names) {
    if (type === 'counter') expect(name).toMatch(/_total$/);
    // How many were asked together is no time.
    if (type === 'histogram') expect(name).toMatch(/_(seconds|batch_rows)$/);
  }
});

test('the newest values of what goes to no program outside stand there under their own names, until the lanes change', async () => {
  const metrics = openMetrics();
  const newest = (key: string, number: number) => {
    const one = { name: 'smap_anomaly_score', about: 'The score.', labels: { entity: key }, number };
    metrics.listen({ event: 'newest', stage, key, values: () => [one] });
  };
  const shown = async () => (await metrics.text()).split('\n').filter((line) => line.startsWith('smap_'));
  expect(await shown()).toEqual([]);
  newest('A', 1);
  newest('B', 2);
  newest('A', 0.5);
  expect(await shown()).toEqual(['smap_anomaly_score{entity="A"} 0.5', 'smap_anomaly_score{entity="B"} 2']);
  metrics.listen({ event: 'generation', stage, number: 2, member: 'm', partitions: [] });
  newest('B', 3);
  expect(await shown()).toEqual(['smap_anomaly_score{entity="B"} 3']);
});

test('what a sink says is counted', async () => {
  const metrics = openMetrics();
  const sink = 'VictoriaMetrics';
  metrics.listen({ event: 'sink-wrote', stage, values: 7, bytes: 300, requests: 2, ms: 10 });
  metrics.listen({ event: 'sink-restarted', stage, sink });
  metrics.listen({ event: 'sink-read-back', stage, sink, values: 20 });
  metrics.listen({ event: 'sink-lost', stage, sink, values: 3, what: 'gone' });
  const text = await metrics.text();
  for (const line of [
    'downlink_sink_values_total{stage="copy"} 7',
    'downlink_sink_bytes_total{stage="copy"} 300',
    'downlink_sink_write_seconds_sum{stage="copy"} 0.01',
    'downlink_sink_restarts_total{stage="copy"} 1',
    'downlink_sink_read_back_values_total{stage="copy"} 20',
    'downlink_sink_lost_values_total{stage="copy"} 3',
  ])
    expect(text.split('\n')).toContain(line);
});
