import { headAt, marker, type Head } from '../../src/embedded/broker/log/batch.ts';
import { openPartitionLog, type PartitionLog } from '../../src/embedded/broker/log/partition-log.ts';
import { batchesIn } from '../../src/kafka/records/batches.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';
import type { WritableCodec } from '../../src/kafka/records/codecs.ts';

/** What it has noted stands in `notes`. */
export const openLog = (folder: string, segmentBytes = 1e9, notes: string[] = []): PartitionLog =>
  openPartitionLog({
    folder,
    settings: () => ({ segmentBytes, segmentMs: 1e12, logAppendTime: false }),
    note: (line) => notes.push(line),
  });

export interface Of {
  readonly producer?: number;
  readonly epoch?: number;
  readonly sequence?: number;
  readonly transactional?: boolean;
  readonly codec?: WritableCodec;
  readonly timestamp?: number;
}

/** One batch: `key=value`, or `key` alone for what is deleted. */
export function append(log: PartitionLog, records: readonly string[], of: Of = {}): number {
  const { producer = -1, epoch = producer < 0 ? -1 : 0, sequence = producer < 0 ? -1 : 0 } = of;
  const bytes = encodeBatch(
    records.map((one) => {
      const [key = '', value = null] = one.split('=');
      return { key, value, timestamp: of.timestamp ?? Date.now() };
    }),
    {
      producerId: BigInt(producer),
      producerEpoch: epoch,
      baseSequence: sequence,
      transactional: of.transactional ?? false,
      codec: of.codec ?? 'none',
    },
  );
  return log.append(bytes, [headAt(bytes, 0) as Head]);
}

export function end(log: PartitionLog, producer: number, commit: boolean, epoch = 0): number {
  const bytes = marker(producer, epoch, commit, Date.now());
  return log.append(bytes, [headAt(bytes, 0) as Head]);
}

/** What a reader of committed records gets: `offset key=value`. */
export function committed(log: PartitionLog, from = log.start): readonly string[] {
  const found: string[] = [];
  for (let at = from; at < log.lastStable;) {
    const { bytes, aborted } = log.read(at, 100_000, true);
    if (bytes.length === 0) break;
    for (const batch of batchesIn(bytes)) {
      at = Number(batch.lastOffset) + 1;
      const { baseOffset, producerId, transactional } = batch;
      const isAborted = aborted.some(
        (one) => BigInt(one.producerId) === producerId && one.firstOffset <= baseOffset && one.lastOffset >= baseOffset,
      );
      if (batch.control || (transactional && isAborted)) continue;
      for (const { key, value, offset } of batch.records())
        if (Number(offset) >= from) found.push(`${offset} ${String(key)}${value === null ? '' : `=${String(value)}`}`);
    }
  }
  return found;
}
