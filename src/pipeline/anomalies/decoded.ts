import type { Reader } from '../../avro/reader.ts';
import { classify, DownlinkError } from '../../errors.ts';
import type { TopicPartition } from '../../kafka/cluster.ts';
import type { RecordView } from '../../kafka/records/batches.ts';

/** Hears of records that are passed over. */
export type Note = (line: string) => void;

/** What a record holds; undefined where it cannot be read: a stage refuses such a record and goes on, and so does this. */
export async function decoded<T>(
  reader: Reader<T>,
  { value, offset }: RecordView,
  { topic, partition }: TopicPartition,
  note: Note,
): Promise<T | undefined> {
  try {
    if (value === null) throw new DownlinkError('record-unframed', 'it has no value');
    return await reader.decode(value);
  } catch (thrown) {
    const error = classify(thrown);
    if (error.verdict !== 'reject') throw error;
    note(`${topic} ${partition}:${offset}: ${error.message}; passed over`);
    return undefined;
  }
}
