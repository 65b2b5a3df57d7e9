import { byTopic, type Api, type PartitionError } from './api.ts';

export interface ProduceRequest {
  readonly transactionalId: string | null;
  readonly timeoutMs: number;
  readonly batches: readonly { readonly topic: string; readonly partition: number; readonly bytes: Buffer }[];
}

export interface Produced extends PartitionError {
  readonly baseOffset: bigint;
  readonly message: string | null;
}

// 12 means a transaction of the new form (KIP-890), 13 would want topic ids.
export const produce: Api<ProduceRequest, readonly Produced[]> = {
  key: 0,
  name: 'Produce',
  versions: { min: 9, max: 12 },
  flexible: true,
  write(out, { transactionalId, timeoutMs, batches }) {
    out.compactString(transactionalId).int16(-1).int32(timeoutMs);
    out.compactArray(byTopic(batches), ([topic, partitions]) => {
      out.compactString(topic);
      out.compactArray(partitions, ({ partition, bytes }) => out.int32(partition).compactBytes(bytes).noTags());
      out.noTags();
    });
    out.noTags();
  },
  read(answer) {
    const topics = answer.compactArray(() => {
      const topic = answer.compactString() ?? '';
      const partitions = answer.compactArray((): Produced => {
        const [partition, error, baseOffset] = [answer.int32(), answer.int16(), answer.int64()];
        answer.int64(); // append time
        answer.int64(); // log start
        answer.compactArray(() => {
          answer.int32();
          answer.compactString();
          answer.tags();
        });
        const message = answer.compactString();
        answer.tags();
        return { topic, partition, error, baseOffset, message };
      });
      answer.tags();
      return partitions;
    });
    answer.throttle();
    return topics.flat();
  },
};
