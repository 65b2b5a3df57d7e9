import type { Producer } from './22-init-producer-id.ts';
import { readPartitionErrors } from './24-add-partitions-to-txn.ts';
import { byTopic, type Api, type PartitionError } from './api.ts';

/** Who reads, as a second guard beside the epoch (KIP-447); left out where there is no member. */
export interface Membership {
  readonly member: string;
  readonly generation: number;
}

export interface NotedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Whatever whoever commits wants to find beside it. */
  readonly note?: string;
}

export interface TxnOffsetCommitRequest {
  readonly transactionalId: string;
  readonly group: string;
  readonly producer: Producer;
  readonly membership: Membership | undefined;
  readonly offsets: readonly NotedOffset[];
}

export const txnOffsetCommit: Api<TxnOffsetCommitRequest, readonly PartitionError[]> = {
  key: 28,
  name: 'TxnOffsetCommit',
  versions: { min: 3, max: 5 },
  flexible: true,
  write(out, { transactionalId, group, producer, membership, offsets }) {
    out.compactString(transactionalId).compactString(group).int64(producer.id).int16(producer.epoch);
    out
      .int32(membership?.generation ?? -1)
      .compactString(membership?.member ?? '')
      .compactString(null);
    out.compactArray(byTopic(offsets), ([topic, wanted]) => {
      out.compactString(topic);
      out.compactArray(wanted, ({ partition, offset, note = '' }) =>
        out.int32(partition).int64(offset).int32(-1).compactString(note).noTags(),
      );
      out.noTags();
    });
    out.noTags();
  },
  read(answer) {
    answer.throttle();
    return readPartitionErrors(answer);
  },
};
