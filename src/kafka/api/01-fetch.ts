import { byTopic, type Api, type PartitionError } from './api.ts';

export interface FetchRequest {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly committedOnly: boolean;
  readonly partitions: readonly FetchPosition[];
}

export interface FetchPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly maxBytes: number;
}

export interface Fetched extends PartitionError {
  readonly highWatermark: bigint;
  readonly lastStable: bigint;
  readonly logStart: bigint;
  readonly aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[];
  readonly records: Buffer;
}

const none = Buffer.alloc(0);

// 11 is the last version without tagged fields, and the last before topics go by id (13). No fetch session: epoch -1.
export const fetch: Api<FetchRequest, { readonly error: number; readonly partitions: readonly Fetched[] }> = {
  key: 1,
  name: 'Fetch',
  versions: { min: 11, max: 11 },
  flexible: false,
  write(out, { maxWaitMs, minBytes, maxBytes, committedOnly, partitions }) {
    out
      .int32(-1)
      .int32(maxWaitMs)
      .int32(minBytes)
      .int32(maxBytes)
      .int8(committedOnly ? 1 : 0)
      .int32(0)
      .int32(-1);
    out.array(byTopic(partitions), ([topic, positions]) => {
      out.string(topic);
      out.array(positions, ({ partition, offset, maxBytes: most }) =>
        out.int32(partition).int32(-1).int64(offset).int64(-1n).int32(most),
      );
    });
    out.int32(0).string('');
  },
  read(answer) {
    answer.throttle();
    const error = answer.int16();
    answer.int32(); // session
    const topics = answer.array(() => {
      const topic = answer.string() ?? '';
      return answer.array((): Fetched => {
        const [partition, code] = [answer.int32(), answer.int16()];
        const [highWatermark, lastStable, logStart] = [answer.int64(), answer.int64(), answer.int64()];
        const aborted = answer.array(() => ({ producerId: answer.int64(), firstOffset: answer.int64() }));
        answer.int32(); // preferred replica
        const records = answer.bytes() ?? none;
        return { topic, partition, error: code, highWatermark, lastStable, logStart, aborted, records };
      });
    });
    return { error, partitions: topics.flat() };
  },
};
