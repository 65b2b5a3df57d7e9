import { byTopic, type Api, type PartitionError } from './api.ts';

/** A timestamp, or what Kafka writes for the ends of the log. */
export const earliest = -2n;
export const latest = -1n;

export interface ListOffsetsRequest {
  readonly committedOnly: boolean;
  readonly partitions: readonly { readonly topic: string; readonly partition: number; readonly at: bigint }[];
}

export interface ListedOffset extends PartitionError {
  /** -1: no record is that young. */
  readonly offset: bigint;
}

export const listOffsets: Api<ListOffsetsRequest, readonly ListedOffset[]> = {
  key: 2,
  name: 'ListOffsets',
  versions: { min: 6, max: 6 },
  flexible: true,
  write(out, { committedOnly, partitions }) {
    out.int32(-1).int8(committedOnly ? 1 : 0);
    out.compactArray(byTopic(partitions), ([topic, positions]) => {
      out.compactString(topic);
      out.compactArray(positions, ({ partition, at }) => out.int32(partition).int32(-1).int64(at).noTags());
      out.noTags();
    });
    out.noTags();
  },
  read(answer) {
    answer.throttle();
    const topics = answer.compactArray(() => {
      const topic = answer.compactString() ?? '';
      const partitions = answer.compactArray((): ListedOffset => {
        const [partition, error] = [answer.int32(), answer.int16()];
        answer.int64(); // timestamp
        const offset = answer.int64();
        answer.int32(); // leader epoch
        answer.tags();
        return { topic, partition, error, offset };
      });
      answer.tags();
      return partitions;
    });
    return topics.flat();
  },
};
