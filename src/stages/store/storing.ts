import type { Definition, Incoming, Rejection, Row, SchemaName, Sent, TableName } from '../../contract/index.ts';
import { DownlinkError } from '../../errors.ts';
import { settings, type Settings } from './settings.ts';

export interface Storing<I> {
  readonly name: string;
  readonly about: string;
  readonly reads: readonly SchemaName[];
  readonly readsLetters?: true;
  readonly tables: readonly TableName[];
  /** Throws why a record cannot be a row. */
  readonly rowsOf: (record: Incoming<I>, from: Source) => readonly Row[];
}

/** Where the records of a lane lie. */
export interface Source {
  readonly topic: string;
  readonly partition: number;
}

/** A stage that makes rows of records, and keeps nothing. */
export function storing<I>({ rowsOf, tables, ...declared }: Storing<I>): Definition<Settings, I, Row, never> {
  return {
    ...declared,
    settings,
    writes: { sink: 'PostgreSQL', tables },
    open: ({ source, partition }) => ({
      process: ({ records }) => {
        const send: Sent<Row>[] = [];
        const reject: Rejection[] = [];
        for (const [place, record] of records.entries()) {
          try {
            const key = record.key ?? '';
            for (const value of rowsOf(record, { topic: source, partition })) send.push({ key, value });
          } catch (thrown) {
            if (!(thrown instanceof DownlinkError) || thrown.verdict !== 'reject') throw thrown;
            reject.push({ record: place, code: thrown.code, detail: thrown.detail });
          }
        }
        return { send, reject };
      },
    }),
  };
}
