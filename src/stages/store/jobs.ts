import type { Records, Row } from '../../contract/index.ts';
import { storing } from './storing.ts';

type Job = Records['job'];
type Cancel = Records['job-cancel'];

export const storeJobs = storing<Job | Cancel>({
  name: 'store-jobs',
  about: 'Writes to PostgreSQL which jobs were submitted, and which of them were taken back.',
  reads: ['job', 'job-cancel'],
  tables: ['jobs', 'job_cancels'],
  rowsOf: ({ value }) => ['cancelled_at' in value ? cancelRow(value) : jobRow(value)],
});

const jobRow = ({ id, owner, model, data, forecast_steps, submitted_at, retry_of }: Job): Row => ({
  table: 'jobs',
  columns: { id, owner, model, data, forecast_steps, submitted_at, retry_of },
});

const cancelRow = ({ id, owner, cancelled_at }: Cancel): Row => ({
  table: 'job_cancels',
  columns: { id, owner, cancelled_at },
});
