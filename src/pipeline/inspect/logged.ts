import type { Chunk } from '../../kafka/reader/chunk.ts';
import type { RecordBatch, RecordView } from '../../kafka/records/batches.ts';

/** A record with where it stands in the log. */
export interface Logged {
  readonly partition: number;
  readonly view: RecordView;
  /** The batch that it came in. */
  readonly batch: RecordBatch;
}

/** The records of a chunk that users may see, from the position on that was asked for. */
export function* loggedIn({ batches, from }: Chunk, partition: number): Generator<Logged, void> {
  for (const batch of batches) {
    for (const view of batch.records()) if (view.offset >= from) yield { partition, view, batch };
  }
}
