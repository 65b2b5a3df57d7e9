import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { batchesIn, type RecordBatch } from '../../../kafka/records/batches.ts';
import { encodeBatch } from '../../../kafka/records/encode-batch.ts';
import { commits, headAt, place, type Head } from './batch.ts';
import type { PartitionLog } from './partition-log.ts';
import { openSegment, type Segment } from './segment.ts';
import { headsIn } from './walk.ts';

export interface Compacting {
  readonly dirtyRatio: number;
  readonly deleteRetentionMs: number;
  readonly lagMs: number;
}

/** Keys that one pass can tell apart; with more, it stops at the segment where they have become too many. */
const mostKeys = 500_000;
const windowBytes = 1024 * 1024;

/**
 * Of each key the last value stays, with its offset; what was deleted stays deleted for a while, so that slow readers see it. Only whole
 * segments are worked on that are written to no more, and only where every transaction is decided. Records of aborted transactions go;
 * the marks of their ends stay, as readers count on them.
 */
export async function compact(log: PartitionLog, options: Compacting): Promise<void> {
  const old = cleanable(log, options);
  if (old.length === 0) return;
  const latest = new Map<string, number>();
  const pass: Segment[] = [];
  for (const segment of old) {
    for await (const { batch, head } of batchesOf(segment)) {
      if (head.control || isAborted(log, head)) continue;
      for (const { key, offset } of recordsOf(batch)) if (key !== null) latest.set(nameOf(key), Number(offset));
    }
    pass.push(segment);
    if (latest.size > mostKeys) break;
  }
  const folder = join(log.folder, 'compacted');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const base = pass[0]?.base ?? 0;
  const made = openSegment(folder, base);
  for (const segment of pass) {
    for await (const { batch, bytes, head } of batchesOf(segment)) {
      if (head.control) {
        if (!commits(bytes, 0)) made.append(bytes, [head]);
      } else if (!isAborted(log, head))
        for (const kept of keep(batch, bytes, head, latest, options)) made.append(kept.bytes, [kept.head]);
    }
  }
  await made.flush();
  made.rest();
  // A death from here on leaves segments that lie over each other; the next start takes the older ones away. An index that is not there
  // is made again, one that belongs to another file would lead astray.
  for (const segment of pass) if (segment.base === base) segment.rest();
  const [file, index] = ['log', 'index'].map((suffix) => `${String(base).padStart(20, '0')}.${suffix}`) as [
    string,
    string,
  ];
  rmSync(join(log.folder, index), { force: true });
  renameSync(join(folder, file), join(log.folder, file));
  if (existsSync(join(folder, index))) renameSync(join(folder, index), join(log.folder, index));
  for (const segment of pass) if (segment.base !== base) segment.remove();
  log.replace(pass, [openSegment(log.folder, base)]);
  cleaned.set(log, pass.at(-1)?.base ?? 0);
}

/** Up to which segment a log was worked on; after a start all of it is looked at once more. */
const cleaned = new WeakMap<PartitionLog, number>();

function cleanable(log: PartitionLog, { dirtyRatio, lagMs }: Compacting): readonly Segment[] {
  const all = log.segments.filter(
    (segment, index) =>
      (log.segments[index + 1]?.base ?? Infinity) <= log.lastStable && Date.now() - segment.latest >= lagMs,
  );
  const done = cleaned.get(log) ?? -1;
  const dirty = all.filter(({ base }) => base > done).reduce((sum, { size }) => sum + size, 0);
  const size = all.reduce((sum, one) => sum + one.size, 0);
  return dirty > 0 && dirty >= size * dirtyRatio ? all : [];
}

async function* batchesOf(segment: Segment): AsyncGenerator<{ batch: RecordBatch; bytes: Buffer; head: Head }, void> {
  for (let position = 0, length = windowBytes; position < segment.size;) {
    await breathe();
    const window = segment.read(position, length);
    let walked = 0;
    for (const { head, at } of headsIn(window)) {
      const bytes = window.subarray(at, at + head.size);
      for (const batch of batchesIn(bytes, { crc: false })) yield { batch, bytes, head };
      walked = at + head.size;
    }
    if (walked === 0 && position + length >= segment.size) return;
    length = walked === 0 ? length * 2 : windowBytes;
    position += walked;
  }
}

const isAborted = (log: PartitionLog, { transactional, producerId, baseOffset }: Head): boolean =>
  transactional &&
  log.producers
    .abortedWithin(baseOffset, baseOffset + 1)
    .some((one) => one.producerId === producerId && one.firstOffset <= baseOffset && one.lastOffset >= baseOffset);

/** What does not unpack stays as it is. */
function recordsOf(batch: RecordBatch): ReturnType<RecordBatch['records']> {
  try {
    return batch.records();
  } catch {
    return [];
  }
}

function keep(
  batch: RecordBatch,
  bytes: Buffer,
  head: Head,
  latest: ReadonlyMap<string, number>,
  { deleteRetentionMs }: Compacting,
): readonly { readonly bytes: Buffer; readonly head: Head }[] {
  const all = [...recordsOf(batch)];
  const stays = all.filter(({ key, value, offset, timestamp }) => {
    if (key !== null && latest.get(nameOf(key)) !== Number(offset)) return false;
    return value !== null || Date.now() - timestamp <= deleteRetentionMs;
  });
  if (stays.length === all.length) return [{ bytes, head }];
  return stays.map((record) => {
    const { key, value, timestamp } = record;
    const one = encodeBatch([{ key, value, timestamp, headers: record.headers() }], {
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence,
      transactional: batch.transactional,
    });
    const made = headAt(one, 0);
    if (made === undefined) throw new Error('a batch that was just made');
    return { bytes: one, head: place(one, 0, made, Number(record.offset)) };
  });
}

/** Long keys take no more room than short ones. */
const nameOf = (key: Buffer): string =>
  key.length <= 24 ? key.toString('latin1') : createHash('sha1').update(key).digest('base64');
