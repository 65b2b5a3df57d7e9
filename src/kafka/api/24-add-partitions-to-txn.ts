import type { Producer } from './22-init-producer-id.ts';
import { byTopic, type Api, type PartitionError } from './api.ts';

export interface AddPartitionsRequest {
  readonly transactionalId: string;
  readonly producer: Producer;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
}

// 4 and 5 are for brokers among themselves.
export const addPartitionsToTxn: Api<AddPartitionsRequest, readonly PartitionError[]> = {
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: { min: 3, max: 3 },
  flexible: true,
  write(out, { transactionalId, producer, partitions }) {
    out.compactString(transactionalId).int64(producer.id).int16(producer.epoch);
    out.compactArray(byTopic(partitions), ([topic, wanted]) => {
      out.compactString(topic);
      out.compactArray(wanted, ({ partition }) => out.int32(partition)).noTags();
    });
    out.noTags();
  },
  read(answer) {
    answer.throttle();
    return readPartitionErrors(answer);
  },
};

/** Topics with partitions, each with an error and nothing else. */
export function readPartitionErrors(answer: Parameters<typeof addPartitionsToTxn.read>[0]): readonly PartitionError[] {
  const topics = answer.compactArray(() => {
    const topic = answer.compactString() ?? '';
    const partitions = answer.compactArray((): PartitionError => {
      const [partition, error] = [answer.int32(), answer.int16()];
      answer.tags();
      return { topic, partition, error };
    });
    answer.tags();
    return partitions;
  });
  return topics.flat();
}
