import type { Records, Row } from '../../contract/index.ts';
import { storing } from './storing.ts';

type Anomaly = Records['anomaly'];

export const storeAnomalies = storing<Anomaly>({
  name: 'store-anomalies',
  about: 'Writes to PostgreSQL each anomaly, as it was last told of.',
  reads: ['anomaly'],
  tables: ['anomalies'],
  rowsOf: ({ value }) => [anomalyRow(value)],
});

/** What was told for the moment, and what only computing it again needs, stays in Kafka. */
const anomalyRow = (value: Anomaly): Row => ({
  table: 'anomalies',
  columns: {
    id: value.id,
    satellite_id: value.satellite_id,
    entity: value.entity,
    phase: value.phase,
    begin_index: value.begin_index,
    begin_time: value.begin_time,
    end_index: value.end_index,
    end_time: value.end_time,
    rules: value.rules,
    severity: value.severity,
    peak_severity: value.peak_severity,
    peak_index: value.peak_index,
    peak_time: value.peak_time,
    sentence: value.sentence,
    sensors: value.sensors.map(({ sensor }) => sensor),
    shares: value.sensors.map(({ share }) => share),
    model: value.model,
    model_version: value.model_version,
    weights: value.weights,
    source_topic: value.topic,
    source_partition: value.partition,
    first_offset: value.first_offset,
    last_offset: value.last_offset,
  },
});
