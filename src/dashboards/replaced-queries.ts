/** A query that users of the replaced system type, and what to type now where that one was wrong, or has become so. */
export interface ReplacedQuery {
  readonly typed: string;
  readonly right?: readonly string[];
  readonly why: string;
  /** What was typed has no answer at all. */
  readonly mute?: true;
}

const inferenceMs = 'smap_inference_time_ms';
const bySensor = 'by (satellite_id, entity, sensor)';
const expected = 'smap_sensor_reconstruction{entity="A-1", sensor="sensor_0"}';

export const replacedQueries: readonly ReplacedQuery[] = [
  { typed: 'smap_anomaly_score{entity="A-1"}', why: 'As it was.' },
  { typed: 'avg(smap_anomaly_score{satellite_id="SAT-001"})', why: 'As it was.' },
  {
    typed: 'sum(increase(smap_anomaly_detected{satellite_id="SAT-001"}[5m]))',
    right: ['sum(sum_over_time(smap_anomaly_detected{satellite_id="SAT-001"}[5m]))'],
    why: '`detected` is 0 or 1 for each sample and no counter: `increase` takes each fall to 0 for a restart, and counts how often an anomaly began. The sum is how many samples were anomalous.',
  },
  {
    typed: 'sum(smap_anomaly_detected) / count(smap_anomaly_detected) * 100',
    why: 'As it was: the percentage of entities whose newest sample is anomalous.',
  },
  {
    typed: 'smap_sensor_value{entity="A-1", sensor="sensor_0"}',
    why: 'As it was.',
  },
  {
    typed: expected,
    right: [`${expected} * max(smap_sensor_scale_range) ${bySensor} + max(smap_sensor_scale_min) ${bySensor}`],
    why: "Beside the value it was wrong: it is on the model's scale, and the value is as it was sent. A sensor that has no scale (in SMAP all but sensor_0) is the same on both, and needs nothing.",
  },
  { typed: 'avg(smap_sensor_error{sensor="sensor_0"})', why: 'As it was.' },
  { typed: 'topk(5, avg(smap_sensor_error) by (sensor))', why: 'As it was.' },
  {
    typed: `avg(${inferenceMs})`,
    right: [`sum(rate(${inferenceMs}_sum[5m])) / sum(rate(${inferenceMs}_count[5m]))`],
    why: 'It is a histogram now, of every request: its mean is what they took together by how many there were.',
    mute: true,
  },
  {
    typed: `histogram_quantile(0.95, ${inferenceMs})`,
    right: [`histogram_quantile(0.95, sum(rate(${inferenceMs}_bucket[5m])) by (le))`],
    why: 'It wants the buckets of a histogram, and what was typed has none: there never was an answer.',
    mute: true,
  },
  {
    typed: 'sum(rate(smap_anomaly_score[1m])) by (entity)',
    right: [
      'avg(avg_over_time(smap_anomaly_score[1m])) by (entity)',
      'sum(count_over_time(smap_anomaly_score[1m])) by (entity) / 60',
    ],
    why: 'A score is no counter: its rate is noise. The first is how anomalous the entity is, the second how many samples a second are scored.',
  },
];
