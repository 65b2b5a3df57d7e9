import { batchesIn } from '../../../kafka/records/batches.ts';
import { encodeBatch } from '../../../kafka/records/encode-batch.ts';
import { DownlinkError } from '../../../errors.ts';
import { Refused } from '../errors.ts';
import { headAt } from './batch.ts';
import type { Durability } from './durability.ts';
import type { PartitionLog } from './partition-log.ts';

interface Entry {
  readonly key: string;
  readonly value: string | null;
}

/** What a coordinator must not forget, as records of a compacted topic of its own. */
export interface Store {
  /** Resolves when it is as durable as the broker promises. */
  append(entries: readonly Entry[]): Promise<void>;
  read(): Iterable<Entry>;
}

const plain = { producerId: -1n, producerEpoch: -1, baseSequence: -1, transactional: false } as const;

export function openStore(log: PartitionLog, durability: Durability): Store {
  return {
    append: (entries) => {
      if (entries.length === 0) return Promise.resolve();
      const timestamp = Date.now();
      const batch = encodeBatch(
        entries.map(({ key, value }) => ({ key, value, timestamp })),
        plain,
      );
      const head = headAt(batch, 0);
      if (head === undefined) throw new Error('a batch that was just made');
      log.append(batch, [head]);
      return durability.settled([log]);
    },
    *read() {
      for (let offset = log.start; offset < log.end;) {
        const { bytes } = readOrEnd(log, offset);
        if (bytes.length === 0) return;
        for (const batch of batchesIn(bytes)) {
          for (const { key, value } of batch.records())
            yield { key: String(key), value: value === null ? null : String(value) };
          offset = Number(batch.lastOffset) + 1;
        }
      }
    },
  };
}

/** What was answered stands in what cannot be read; to go on without it would be to forget it. */
function readOrEnd(log: PartitionLog, offset: number): ReturnType<PartitionLog['read']> {
  try {
    return log.read(offset, 1024 * 1024, false);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    throw new DownlinkError(
      'batch-corrupt',
      `${log.folder}: ${thrown.message}; put it back from a copy, or begin with an empty folder`,
    );
  }
}
