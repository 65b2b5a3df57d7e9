import type { Incoming, Records, Row } from '../../contract/index.ts';
import { storing } from './storing.ts';

type Result = Records['job-result'];

export const storeResults = storing<Result>({
  name: 'store-results',
  about: 'Writes to PostgreSQL what became of each job.',
  reads: ['job-result'],
  tables: ['inference_results'],
  rowsOf: (record) => [resultRow(record)],
});

/** A job is complete at the time of the result's record; the clocks of the API and of Kafka may be a little apart. */
function resultRow({ value, timestamp }: Incoming<Result>): Row {
  const total_ms = Math.max(0, timestamp - value.submitted_at);
  const queue_ms = Math.max(0, total_ms - value.inference_ms);
  return { table: 'inference_results', columns: { ...value, completed_at: timestamp, queue_ms, total_ms } };
}
