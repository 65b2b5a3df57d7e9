import type { TopicPartition } from '../cluster.ts';
import type { RecordView } from '../records/batches.ts';
import type { Fetcher } from './fetcher.ts';
import { offsetOf } from './offsets.ts';
import { readChunks } from './read-chunks.ts';

export interface ReadRange {
  readonly from?: bigint;
  /** The offset to end before; left out, the end of what is committed when reading begins. */
  readonly to?: bigint;
}

/** Every committed record of a part of a partition, without a group: to restore, to inspect, to look for. */
export async function* read(
  fetcher: Fetcher,
  partition: TopicPartition,
  range: ReadRange = {},
): AsyncGenerator<RecordView> {
  const from = range.from ?? (await offsetOf(fetcher.cluster, partition, 'earliest'));
  const to = range.to ?? (await offsetOf(fetcher.cluster, partition, 'latest'));
  for await (const chunk of readChunks(fetcher, partition, from, to)) {
    if (chunk.corrupt !== undefined) throw chunk.corrupt.error;
    for (const record of chunk.records()) {
      if (record.offset >= to) return;
      yield record;
    }
  }
}
