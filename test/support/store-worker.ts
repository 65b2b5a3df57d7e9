// A process that opens the sink on a database, writes one row, and says so.
import { openPostgres } from '../../src/sinks/postgres/sink.ts';

interface Told {
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  readonly id: string;
}

const { port, database, password, username, id } = JSON.parse(process.argv[2] ?? '') as Told;
const sink = openPostgres({
  address: { host: '127.0.0.1', port, database, username, password: { reveal: () => password } },
  stage: id,
  tables: ['jobs'],
  keeping: { retentionDays: 30, partitionBy: 'day' },
  emit: () => undefined,
});
const columns = { id, owner: '', model: 'm', data: [], forecast_steps: null, submitted_at: Date.now(), retry_of: null };
const value = { table: 'jobs', columns } as const;
const behind = { group: id, topic: 't', partition: 0, next: 1n };
try {
  await sink.write([{ key: id, value }], new AbortController().signal, behind);
  process.stdout.write('written');
} finally {
  await sink.close();
}
