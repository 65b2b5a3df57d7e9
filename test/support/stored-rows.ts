import type { Definition, Incoming, Outcome, Row, Sent } from '../../src/contract/index.ts';
import type { Settings } from '../../src/stages/store/settings.ts';
import { noPorts } from './no-ports.ts';

export interface Made {
  readonly send: readonly Sent<Row>[];
  readonly reject: NonNullable<Outcome<Row, never>['reject']>;
}

export const someRecord = <I>(value: I, more: Partial<Incoming<I>> = {}): Incoming<I> => ({
  ...{ key: 'k', offset: 0n, timestamp: 0 },
  ...more,
  value,
});

/** What a store stage makes of records of partition 1 of the topic `t`. */
export function made<I>(definition: Definition<Settings, I, Row, never>, records: readonly Incoming<I>[]): Made {
  const stage = definition.open({
    settings: { retentionDays: 30, partitionBy: 'day' },
    partition: 1,
    partitions: 1,
    opening: 'o',
    source: 't',
    fleet: new Map<string, never>(),
    restored: new Map<string, never>(),
    ports: noPorts,
  });
  const { send, reject = [] } = stage.process({ records, behind: 0n }, new AbortController().signal) as Outcome<
    Row,
    never
  >;
  return { send, reject };
}
