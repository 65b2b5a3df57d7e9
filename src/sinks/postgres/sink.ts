import type { Row, Sent, TableName } from '../../contract/index.ts';
import { classify } from '../../errors.ts';
import type { Emit } from '../../telemetry/events.ts';
import { columnsOf } from './columns.ts';
import { concernsOf } from './concerns.ts';
import { migrate } from './migrate.ts';
import { openPartitions, type Partitions } from './partitions.ts';
import { openPool, type PostgresAddress } from './pool.ts';
import { keptSince, sweep, type Keeping } from './retention.ts';
import { tables } from './tables.ts';
import { unlessAborted } from './unless-aborted.ts';
import { writeBatch, type Position } from './write-batch.ts';

export interface PostgresOptions {
  readonly address: PostgresAddress;
  /** Whose words the events are. */
  readonly stage: string;
  /** That the stage fills. */
  readonly tables: readonly TableName[];
  readonly keeping: Keeping;
  readonly emit: Emit;
  readonly now?: () => number;
}

export interface PostgresSink {
  write(values: readonly Sent<Row>[], signal: AbortSignal, behind: Position): Promise<void>;
  close(): Promise<void>;
}

const sweepEveryMs = 3_600_000;
const sweepAgainMs = 60_000;
const longestEndMs = 3_000;

/** Writes rows to a PostgreSQL for all lanes of a stage in a process, each batch in one transaction with the position behind it. */
export function openPostgres(options: PostgresOptions): PostgresSink {
  const { address, stage, keeping, emit, now = Date.now } = options;
  const pool = openPool(address, `downlink ${stage}`);
  const closing = new AbortController();
  const over = new AbortController();
  const open = new Map(
    options.tables.map((table): [TableName, Partitions | undefined] => [
      table,
      tables[table].partitioned && openPartitions(pool, table, keeping.partitionBy),
    ]),
  );
  const warn = warningOnce((what) => emit({ event: 'sink-warning', stage, sink: pool.where, what }));
  let timer: NodeJS.Timeout | undefined;
  let prepared: Promise<void> | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  const sweepLater = (ms: number): void => {
    if (closing.signal.aborted) return;
    timer = setTimeout(() => {
      sweeping = sweepNow();
    }, ms);
    timer.unref();
  };
  const sweepNow = async (): Promise<void> => {
    try {
      await sweep(pool, open, keeping, now(), over.signal);
      sweepLater(sweepEveryMs);
    } catch (thrown) {
      const { verdict, detail } = classify(thrown);
      // Rows are written all the same: where they have no partition of their own, the default one takes them.
      if (verdict !== 'retry') warn('sweep', `old rows are not taken away, nor new partitions made: ${detail}`);
      sweepLater(sweepAgainMs);
    }
  };
  const prepare = async (): Promise<void> => {
    await migrate(pool, closing.signal);
    const { version, settings, concerns } = await pool.inTransaction(concernsOf, { signal: closing.signal });
    emit({ event: 'sink-found', stage, sink: pool.where, version, settings });
    for (const what of concerns) warn(what, what);
    sweeping = sweepNow();
  };
  /** Once, and again where it has failed: whoever has something to write is told. */
  const ready = (): Promise<void> => {
    prepared ??= prepare().catch((thrown: unknown) => {
      prepared = undefined;
      throw thrown;
    });
    return prepared;
  };
  ready().catch(() => undefined);

  /** What would be taken away again at once is not written. */
  const worthKeeping = (values: readonly Sent<Row>[]): readonly Row[] => {
    const since = keptSince(keeping, now());
    return values.flatMap(({ value }) => {
      const ms = timeOf(value);
      if (ms === undefined || ms >= since) return [value];
      const what = `${value.table}: rows from before ${new Date(since).toISOString()} are left out`;
      warn(value.table, `${what} (retentionDays: ${keeping.retentionDays})`);
      return [];
    });
  };

  return {
    write: async (values, signal, behind) => {
      const either = AbortSignal.any([signal, closing.signal]);
      const began = performance.now();
      await unlessAborted(ready(), either);
      const rows = worthKeeping(values);
      for (const [table, partitions] of open) {
        const times = rows.flatMap((row) => (row.table === table ? (timeOf(row) ?? []) : []));
        await partitions?.cover(times, now(), either);
      }
      const columns = columnsOf(rows);
      const stored = await pool.inTransaction((client) => writeBatch(client, columns, behind), { signal: either });
      if (stored !== undefined) {
        const lane = `${behind.topic}/${behind.partition}`;
        // After a commit that was cut short that is as it should be, and a few records; else somebody has to know.
        const what = `${lane} is written up to ${stored}: what comes before that, now up to ${behind.next}, is passed over`;
        warn(lane, `${what}; if the topic was made anew, delete its rows from positions`);
        return;
      }
      const written = columns.reduce((sum, { count }) => sum + count, 0);
      const bytes = columns.reduce((sum, one) => sum + one.bytes, 0);
      emit({ event: 'sink-wrote', stage, values: written, bytes, requests: 1, ms: performance.now() - began });
    },
    close: async () => {
      closing.abort();
      clearTimeout(timer);
      await prepared?.catch(() => undefined);
      // What is begun is finished, unless nobody answers.
      const late = setTimeout(() => over.abort(), longestEndMs);
      await sweeping;
      clearTimeout(late);
      await pool.close();
    },
  };
}

const timeOf = ({ table, columns }: Row): number | undefined => {
  const { time } = tables[table];
  return time === undefined ? undefined : ((columns as Readonly<Record<string, unknown>>)[time] as number);
};

/** The same is said once for as long as the process runs. */
function warningOnce(say: (what: string) => void): (about: string, what: string) => void {
  const said = new Set<string>();
  return (about, what) => {
    if (said.has(about)) return;
    said.add(about);
    say(what);
  };
}
