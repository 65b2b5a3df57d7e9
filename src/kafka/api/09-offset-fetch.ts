import { byTopic, type Api, type PartitionError } from './api.ts';

export interface OffsetFetchRequest {
  readonly group: string;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
}

export interface CommittedOffset extends PartitionError {
  /** -1: none was committed. */
  readonly offset: bigint;
  /** What was written beside it. */
  readonly note: string;
}

// With `require stable` an offset that stands in an open transaction is answered with error 88 and not with the old one.
export const offsetFetch: Api<
  OffsetFetchRequest,
  { readonly error: number; readonly offsets: readonly CommittedOffset[] }
> = {
  key: 9,
  name: 'OffsetFetch',
  versions: { min: 7, max: 7 },
  flexible: true,
  write(out, { group, partitions }) {
    out.compactString(group);
    out.compactArray(byTopic(partitions), ([topic, wanted]) => {
      out.compactString(topic);
      out.compactArray(wanted, ({ partition }) => out.int32(partition)).noTags();
    });
    out.bool(true).noTags();
  },
  read(answer) {
    answer.throttle();
    const topics = answer.compactArray(() => {
      const topic = answer.compactString() ?? '';
      const offsets = answer.compactArray((): CommittedOffset => {
        const [partition, offset] = [answer.int32(), answer.int64()];
        answer.int32(); // leader epoch
        const note = answer.compactString() ?? '';
        const error = answer.int16();
        answer.tags();
        return { topic, partition, offset, note, error };
      });
      answer.tags();
      return offsets;
    });
    return { error: answer.int16(), offsets: topics.flat() };
  },
};
