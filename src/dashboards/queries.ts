import { heldFor, judgedOver, limits, rememberedFor } from './limits.ts';

const byEntity = 'by (satellite_id, entity)';
const bySensor = 'by (satellite_id, entity, sensor)';
const ofSatellite = '{satellite_id="$satellite"}';
const ofEntity = '{satellite_id="$satellite",entity="$entity"}';
const ofSensor = '{satellite_id="$satellite",entity="$entity",sensor="$sensor"}';

// Scores carry no other labels where they come from export, and those of the process where they are scraped from it:
// everything is aggregated, so that both look the same.
const anomalousShare = (of = '') => `avg ${byEntity} (avg_over_time(smap_anomaly_detected${of}[${judgedOver}]))`;
const silentSeconds = (of = '') => `min ${byEntity} (lag(smap_anomaly_score${of}[${rememberedFor}]))`;
const timesThreshold = (of = '') =>
  `max ${byEntity} (avg_over_time(smap_anomaly_score${of}[${judgedOver}])) / max ${byEntity} (smap_anomaly_threshold${of})`;

// Told now and then, with days in between where nothing changes.
const isOpen = (of = '') => `max ${byEntity} (last_over_time(smap_anomaly_open${of}[${heldFor}])) > 0`;
const openSeverity = (of = '') =>
  `max ${byEntity} (last_over_time(smap_anomaly_severity${of}[${heldFor}])) and ${isOpen(of)}`;

/** The highest in each step, so that nothing short disappears in a long range; where no sample fell into it, the last. */
const highest = (series: string) => `max ${byEntity} (max_over_time(${series}[$__rate_interval]) default ${series})`;

export const fleet = {
  anomalousShare: anomalousShare(),
  timesThreshold: timesThreshold(),
  silentSeconds: silentSeconds(),
  openSeverity: `sort_desc(${openSeverity()})`,
  anomalousOfSatellite: `sort_desc(sum by (satellite_id) (${anomalousShare()} > bool ${limits.anomalousShare}))`,
  silentOfSatellite: `sort_desc(sum by (satellite_id) (${silentSeconds()} > bool ${limits.silentSeconds}))`,
  worstShareOfSatellite: `max by (satellite_id) (${anomalousShare()})`,
};

const expected = `avg ${bySensor} (smap_sensor_reconstruction${ofSensor})`;
const meanError = `avg by (sensor) (avg_over_time(smap_sensor_error${ofEntity}[$__range]))`;

export const entity = {
  satellites: 'label_values(smap_anomaly_score, satellite_id)',
  /** Worst first, so that the dashboard opens with what is to blame; an entity that is silent does not disappear. */
  entities: `query_result(sort_desc(${anomalousShare(ofSatellite)} or 0 * ${silentSeconds(ofSatellite)}))`,
  sensors: `query_result(sort_desc(${meanError}))`,
  anomalousShare: anomalousShare(ofEntity),
  timesThreshold: timesThreshold(ofEntity),
  silentSeconds: silentSeconds(ofEntity),
  openSeverity: `${openSeverity(ofEntity)} or 0 * ${silentSeconds(ofEntity)}`,
  isOpen: isOpen(ofEntity),
  severityByRule:
    `max by (satellite_id, entity, rule) (max_over_time(smap_anomaly_severity${ofEntity}[$__rate_interval])` +
    ` default last_over_time(smap_anomaly_severity${ofEntity}[${heldFor}]))`,
  score: highest(`smap_anomaly_score${ofEntity}`),
  threshold: `max ${byEntity} (smap_anomaly_threshold${ofEntity})`,
  detected: highest(`smap_anomaly_detected${ofEntity}`),
  worstSensors: `sort_desc(topk(8, ${meanError}))`,
  value: `avg ${bySensor} (smap_sensor_value${ofSensor})`,
  /** On the scale of the value. Without the scales (they are infer's, and of now) nothing, rather than another unit. */
  expected:
    `${expected} * max ${bySensor} (smap_sensor_scale_range${ofSensor}) + max ${bySensor} (smap_sensor_scale_min${ofSensor})` +
    ` or ${expected} and on (satellite_id, entity) smap_anomaly_threshold${ofEntity}`,
  error: `avg ${bySensor} (smap_sensor_error${ofSensor})`,
};

const byLane = 'by (stage, partition)';
const waiting = `sum ${byLane} (downlink_lag_records)`;
const perSecond = `sum ${byLane} (rate(downlink_committed_records_total[1m]))`;
const sinceCommit = `time() - max ${byLane} (downlink_last_commit_timestamp_seconds)`;
// Both windows are shorter than what counts as late: a lane that had to wait once and has nothing to do now is not.
const isStuck = `(${waiting} > 0 or sum ${byLane} (increase(downlink_retried_turns_total[1m])) > 0)`;
const anyProcess = 'up{job=~"downlink|inference-server"}';
const server = (name: string) => `sum(rate(nv_inference_${name}[$__rate_interval]))`;
const perRequest = (name: string) => `${server(`${name}_duration_us`)} / ${server('request_success')} / 1000`;
const inferenceMs = (share: number) =>
  `histogram_quantile(${share}, sum by (le) (rate(smap_inference_time_ms_bucket[$__rate_interval])))`;

/**
 * What waits, at the rate at which it is worked off; where nothing is, how long nothing was. The records' own times say
 * nothing of it: they are those of the samples, and a replay's are years old.
 */
const lagSeconds =
  `max by (stage) (${waiting} / (${perSecond} > 0) or ${sinceCommit} and ${isStuck})` +
  ` or 0 * sum by (stage) (downlink_assigned_lanes)`;

export const pipeline = {
  lagSeconds,
  worstLagSeconds: `max(${lagSeconds})`,
  refusedLately: 'sum(increase(downlink_rejected_records_total[1h])) or vector(0)',
  closedLanes: 'sum(downlink_assigned_lanes) - sum(downlink_open_lanes)',
  missingProcesses: `sum(${anyProcess} == bool 0)`,
  recordsPerSecond: 'sum by (stage) (rate(downlink_committed_records_total[$__rate_interval]))',
  turnSeconds: 'histogram_quantile(0.95, sum by (stage, le) (rate(downlink_turn_seconds_bucket[$__rate_interval])))',
  refused: 'sum by (stage, code) (increase(downlink_rejected_records_total[$__rate_interval]))',
  retried: 'sum by (stage, code) (increase(downlink_retried_turns_total[$__rate_interval]))',
  restored: 'sum by (stage) (increase(downlink_restored_lanes_total[$__rate_interval]))',
  restoreSeconds:
    'sum by (stage) (increase(downlink_restore_seconds_sum[$__rate_interval])) / sum by (stage) (increase(downlink_restore_seconds_count[$__rate_interval]))',
  inferenceMsMedian: inferenceMs(0.5),
  inferenceMsMost: inferenceMs(0.95),
  serverQueueMs: perRequest('queue'),
  serverComputeMs: perRequest('compute_infer'),
  serverPending: 'sum(nv_inference_pending_request_count)',
  serverFailures: 'sum(increase(nv_inference_request_failure[$__rate_interval]))',
};

export const alerts = {
  open: openSeverity(),
  anomalous: anomalousShare(),
  silent: silentSeconds(),
  late: lagSeconds,
  refused: 'sum by (stage, code) (increase(downlink_rejected_records_total[10m]))',
};
