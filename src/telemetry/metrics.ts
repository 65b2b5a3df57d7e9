import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Emit, Event, Judge } from './events.ts';
import { openNewestValues } from './newest-values.ts';

export interface Metrics {
  readonly listen: Emit;
  readonly contentType: string;
  /** All of them, in the text format that Prometheus reads. */
  text(): Promise<string>;
}

export interface MetricsOptions {
  /** Also memory, CPU and event loop of the process. */
  readonly ofProcess?: boolean;
  /** Seconds since 1970. */
  readonly now?: () => number;
}

/** Of requests to an inference server, from a sample on an idle machine to one that waits for its deadline. */
const bucketsMs = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The pipeline's metrics, made of its events. Labels are bounded: names of the topology, partitions, codes. A gauge of a
 * partition tells of whoever has it: it disappears where the partition is taken away.
 */
export function openMetrics({ ofProcess = false, now = () => Date.now() / 1000 }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const of = instruments(registry);
  const newest = openNewestValues(registry);
  const stages = new Map<string, { readonly assigned: Set<number>; readonly open: Set<number> }>();

  const known = (stage: string) => {
    const found = stages.get(stage) ?? { assigned: new Set<number>(), open: new Set<number>() };
    stages.set(stage, found);
    return found;
  };
  const assign = (stage: string, partitions: readonly number[]): void => {
    const { assigned, open } = known(stage);
    for (const partition of assigned) {
      if (partitions.includes(partition)) continue;
      assigned.delete(partition);
      open.delete(partition);
      for (const gauge of [of.lag, of.lastCommit]) gauge.remove({ stage, partition });
    }
    for (const partition of partitions) assigned.add(partition);
    of.assigned.set({ stage }, assigned.size);
    of.open.set({ stage }, open.size);
  };

  const onCommitted = ({ stage, lanes, form = 'none', ms }: Extract<Event, { event: 'committed' }>): void => {
    of.commits.observe({ stage, form }, ms / 1000);
    const { assigned } = known(stage);
    for (const { partition, records, behind } of lanes) {
      of.committed.inc({ stage, partition }, records);
      if (!assigned.has(partition)) continue;
      of.lag.set({ stage, partition }, Number(behind));
      of.lastCommit.set({ stage, partition }, now());
    }
  };

  const onJudge = ({ satellite, entity, threshold, scales }: Judge): void => {
    const labels = { satellite_id: satellite, entity };
    of.threshold.set(labels, threshold);
    for (const { sensor, min, range } of scales) {
      of.scaleMin.set({ ...labels, sensor }, min);
      of.scaleRange.set({ ...labels, sensor }, range);
    }
  };

  const listen: Emit = (event) => {
    switch (event.event) {
      case 'inferred':
        if (event.rows !== undefined) of.inferenceRows.observe({ model: event.model }, event.rows);
        return of.inferences.observe({ model: event.model }, event.ms);
      case 'request': {
        const { method, route, status, ms } = event;
        return of.requests.observe({ method, route, status }, ms / 1000);
      }
      case 'request-failed':
        return of.failures.inc({ stage: 'api', code: event.error.code });
      case 'judged-by':
        return onJudge(event.judge);
      case 'generation':
        assign(event.stage, event.partitions);
        newest.forget(event.stage);
        return of.generation.set({ stage: event.stage }, event.number);
      case 'lane-opened': {
        const { stage, partition, restored, ms } = event;
        known(stage).open.add(partition);
        of.open.set({ stage }, known(stage).open.size);
        of.restores.observe({ stage }, ms / 1000);
        of.restoredLanes.inc({ stage, partition });
        return of.checkpoints.inc({ stage, partition }, restored);
      }
      case 'lane-closed':
        known(event.stage).open.delete(event.partition);
        return of.open.set({ stage: event.stage }, known(event.stage).open.size);
      case 'turn':
        of.consumed.inc({ stage: event.stage, partition: event.partition }, event.records);
        return of.turns.observe({ stage: event.stage }, event.ms / 1000);
      case 'committed':
        return onCommitted(event);
      case 'not-committed':
        return of.notCommitted.inc({ stage: event.stage, end: event.end });
      case 'rejected':
        return of.rejected.inc({ stage: event.stage, partition: event.partition, code: event.code }, event.records);
      case 'retrying':
        return of.retries.inc({ stage: event.stage, partition: event.partition, code: event.error.code });
      case 'fenced':
        assign(event.stage, []);
        return of.fenced.inc({ stage: event.stage });
      case 'fenced-dead':
        return of.fencedDead.inc({ stage: event.stage }, event.writers.length);
      case 'failed':
        assign(event.stage, []);
        return of.failures.inc({ stage: event.stage, code: event.error.code });
      case 'sink-wrote':
        of.sinkValues.inc({ stage: event.stage }, event.values);
        of.sinkBytes.inc({ stage: event.stage }, event.bytes);
        return of.sinkWrites.observe({ stage: event.stage }, event.ms / 1000);
      case 'sink-restarted':
        return of.sinkRestarts.inc({ stage: event.stage });
      case 'sink-read-back':
        return of.sinkReadBack.inc({ stage: event.stage }, event.values);
      case 'sink-lost':
        return of.sinkLost.inc({ stage: event.stage }, event.values ?? 1);
      case 'newest':
        return newest.keep(event.stage, event.key, event.values);
      case 'sink-found':
      case 'sink-warning':
      case 'waiting':
      case 'worker-died':
        return undefined;
    }
  };
  const text = (): Promise<string> => {
    newest.show();
    return registry.metrics();
  };
  return { listen, contentType: registry.contentType, text };
}

function instruments(registry: Registry) {
  const options = { registers: [registry] };
  const inStage = ['stage'] as const;
  const inLane = ['stage', 'partition'] as const;
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ ...options, name: `downlink_${name}`, help, labelNames });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ ...options, name: `downlink_${name}`, help, labelNames });
  const seconds = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Histogram({ ...options, name: `downlink_${name}_seconds`, help, labelNames, buckets });
  // Names that users of the replaced system know, or that belong beside those.
  const ofEntity = ['satellite_id', 'entity'] as const;
  const domain = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ ...options, name: `smap_${name}`, help, labelNames });
  return {
    inferences: new Histogram({
      ...options,
      name: 'smap_inference_time_ms',
      help: 'From a request to the inference server to its answer, in milliseconds.',
      labelNames: ['model'],
      buckets: bucketsMs,
    }),
    inferenceRows: new Histogram({
      ...options,
      name: 'downlink_inference_batch_rows',
      help: 'Rows of a call to a model without state: jobs, or windows of them.',
      labelNames: ['model'],
      buckets: [1, 2, 4, 8, 16, 32, 64],
    }),
    requests: seconds('api_request', 'Requests to the API, by their answers.', ['method', 'route', 'status']),
    threshold: domain('anomaly_threshold', 'The score above which a sample is detected.', ofEntity),
    scaleMin: domain('sensor_scale_min', 'What is sent where the model sees 0.', [...ofEntity, 'sensor']),
    scaleRange: domain('sensor_scale_range', 'By how much more is sent where the model sees 1.', [
      ...ofEntity,
      'sensor',
    ]),
    consumed: counter('consumed_records_total', 'Records worked on, those that are done again too.', inLane),
    committed: counter('committed_records_total', 'Records whose outcome was committed.', inLane),
    turns: seconds('turn', 'From the first record of a batch to what is to be committed.', inStage),
    commits: seconds('commit', 'Transactions that were committed, by their form.', ['stage', 'form']),
    notCommitted: counter('uncommitted_transactions_total', 'Transactions not committed, or with an unknown end.', [
      'stage',
      'end',
    ]),
    rejected: counter('rejected_records_total', 'Records that went to the dead letters.', [...inLane, 'code']),
    retries: counter('retried_turns_total', 'Turns that were a matter of waiting.', [...inLane, 'code']),
    restores: seconds('restore', 'From an assignment to the first batch.', inStage),
    restoredLanes: counter('restored_lanes_total', 'Openings of a lane.', inLane),
    checkpoints: counter('restored_checkpoints_total', 'Checkpoints restored by openings.', inLane),
    fenced: counter('fenced_members_total', 'Times that another took this member for dead.', inStage),
    fencedDead: counter('ended_transactions_total', 'Transactions of dead members that were ended.', inStage),
    failures: counter('failures_total', 'What no waiting mends.', ['stage', 'code']),
    sinkValues: counter('sink_values_total', 'Values written to a program outside Kafka.', inStage),
    sinkBytes: counter('sink_bytes_total', 'Bytes written to it, as they were on the wire.', inStage),
    sinkWrites: seconds('sink_write', 'From the first to the last byte of what was written together.', inStage),
    sinkRestarts: counter('sink_restarts_total', 'Restarts of it, after which was written again.', inStage),
    sinkReadBack: counter(
      'sink_read_back_values_total',
      'Values that were looked for where they were written.',
      inStage,
    ),
    sinkLost: counter('sink_lost_values_total', 'Values that were not there; at least so many.', inStage),
    lag: gauge('lag_records', 'Records behind the last one committed, as of that commit.', inLane),
    lastCommit: gauge('last_commit_timestamp_seconds', 'When the last commit was, in seconds since 1970.', inLane),
    generation: gauge('generation_number', "The group's generation that this member is in.", inStage),
    assigned: gauge('assigned_lanes', 'Partitions that this member has.', inStage),
    open: gauge('open_lanes', 'Those of them that are restored and consume.', inStage),
  };
}
