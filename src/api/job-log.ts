import type { Records } from '../contract/index.ts';
import { DownlinkError } from '../errors.ts';
import type { OutRecord } from '../kafka/records/encode-batch.ts';
import type { IdempotentWriter } from '../kafka/writer/idempotent-writer.ts';
import { partitionOf } from '../stages/ingest/murmur2.ts';

type Entry = Records['job'] | Records['job-cancel'];

/** The topic of jobs, for who adds to it. */
export interface JobLog {
  /** Resolves when every replica that counts has it. What is said of one job has one key, its model's name before its id. */
  append(entry: Entry, model: string, traceparent?: string): Promise<void>;
}

export interface JobLogOptions {
  readonly writer: IdempotentWriter;
  readonly topic: string;
  readonly partitions: number;
  readonly encode: (entry: Entry) => Buffer;
  readonly maxWaiting?: number;
}

interface Waiting {
  readonly partition: number;
  readonly record: OutRecord;
  readonly done: () => void;
  readonly failed: (thrown: unknown) => void;
}

/** What comes while a write is under way goes with the next one: the busier, the fewer writes for each. */
export function openJobLog({ writer, topic, partitions, encode, maxWaiting = 10_000 }: JobLogOptions): JobLog {
  let waiting: Waiting[] = [];
  let writing = false;

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      const byPartition = new Map<number, OutRecord[]>();
      for (const { partition, record } of taken) {
        const own = byPartition.get(partition) ?? [];
        byPartition.set(partition, own);
        own.push(record);
      }
      try {
        await writer.write([...byPartition].map(([partition, records]) => ({ topic, partition, records })));
        for (const { done } of taken) done();
      } catch (thrown) {
        for (const { failed } of taken) failed(thrown);
      }
    }
    writing = false;
  };

  return {
    append: (entry, model, traceparent) =>
      new Promise((done, failed) => {
        if (waiting.length >= maxWaiting)
          throw new DownlinkError('kafka-unavailable', `${waiting.length} jobs wait to be written already`);
        const headers: OutRecord['headers'] =
          traceparent === undefined ? [] : [['traceparent', Buffer.from(traceparent)]];
        const key = `${model}/${entry.id}`;
        waiting.push({
          partition: partitionOf(key, partitions),
          record: { key, value: encode(entry), timestamp: Date.now(), headers },
          done,
          failed,
        });
        if (writing) return;
        writing = true;
        // Those that come in the same moment go along.
        setImmediate(() => {
          writeAll().catch(failed);
        });
      }),
  };
}
