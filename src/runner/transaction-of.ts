import type { Membership, NotedOffset } from '../kafka/api/28-txn-offset-commit.ts';
import type { OutRecord } from '../kafka/records/encode-batch.ts';
import type { Transaction } from '../kafka/writer/transaction.ts';
import type { Work } from './turn.ts';

/** What works leave behind, as one transaction: a batch for each partition, and where the group stands. */
export function transactionOf(
  { group, topic }: { readonly group: string; readonly topic: string },
  membership: Membership,
  works: readonly Work[],
): Transaction {
  const partitions = new Map<string, { topic: string; partition: number; records: OutRecord[] }>();
  const positions = new Map<number, NotedOffset>();
  for (const { partition, offset, note, parcel } of works) {
    positions.set(partition, { topic, partition, offset, ...(note === undefined ? {} : { note }) });
    for (const { topic: to, partition, records } of parcel.partitions) {
      const known = partitions.get(`${to} ${partition}`);
      if (known === undefined) partitions.set(`${to} ${partition}`, { topic: to, partition, records });
      else for (const record of records) known.records.push(record);
    }
  }
  return { records: [...partitions.values()], offsets: { group, membership, offsets: [...positions.values()] } };
}
