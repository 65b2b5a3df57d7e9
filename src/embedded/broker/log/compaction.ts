import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { batchesIn, type RecordBatch, type RecordView } from '../../../kafka/records/batches.ts';
import { encodeBatch } from '../../../kafka/records/encode-batch.ts';
import { commits, headAt, place, type Head } from './batch.ts';
import type { PartitionLog } from './partition-log.ts';
import { openSegment, type Segment } from './segment.ts';
import { headsIn } from './walk.ts';

export interface Compacting {
  readonly dirtyRatio: number;
  readonly deleteRetentionMs: number;
  readonly lagMs: number;
  /** That one pass can tell apart; with more, the next pass goes on behind them. */
  readonly mostKeys?: number;
}

const windowBytes = 1024 * 1024;
/** However large a batch claims to be, this much of it is unpacked; one that is larger stays as it is. */
const maxUnpacked = 16 * 1024 * 1024;

/**
 * Of each key the last value stays, with its offset; what was deleted stays deleted for a while, so that slow readers see it. Only whole
 * segments are worked on that are written to no more, and only where every transaction is decided. Records of aborted transactions go;
 * the marks of their ends stay, as readers count on them.
 */
export async function compact(log: PartitionLog, options: Compacting): Promise<void> {
  const old = cleanable(log, options);
  if (old.length === 0) return;
  const known = await latestOf(log, old, options.mostKeys ?? 500_000);
  const { pass } = known;
  const folder = join(log.folder, 'compacted');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const base = pass[0]?.base ?? 0;
  const made = openSegment(folder, base);
  // Nothing may be left, and still it is where the log begins.
  made.append(Buffer.alloc(0), []);
  for (const segment of pass) {
    for await (const { batch, bytes, head } of batchesOf(segment)) {
      if (head.control) {
        if (!commits(bytes, 0)) made.append(bytes, [head]);
      } else if (!isAborted(log, head))
        for (const kept of keep(batch, bytes, head, (record) => stays(record, known, options.deleteRetentionMs)))
          made.append(kept.bytes, [kept.head]);
    }
  }
  await made.flush();
  made.rest();
  // Somebody has deleted records meanwhile.
  if (!pass.every((segment) => log.segments.includes(segment))) return;
  // A death from here on leaves segments that lie over each other; the next start takes the older ones away. An index that is not there
  // is made again, one that belongs to another file would lead astray.
  for (const segment of pass) if (segment.base === base) segment.leave();
  const [file, index] = ['log', 'index'].map((suffix) => `${String(base).padStart(20, '0')}.${suffix}`) as [
    string,
    string,
  ];
  rmSync(join(log.folder, index), { force: true });
  renameSync(join(folder, file), join(log.folder, file));
  if (existsSync(join(folder, index))) renameSync(join(folder, index), join(log.folder, index));
  for (const segment of pass) if (segment.base !== base) segment.remove();
  log.replace(pass, [openSegment(log.folder, base)]);
  cleaned.set(log, known.upTo);
}

/** The offset up to which a log was worked on; after a start all of it is looked at once more. */
const cleaned = new WeakMap<PartitionLog, number>();

interface Latest {
  /** The segments in which a value may be older than one that is known. */
  readonly pass: readonly Segment[];
  /** Of each key that has come the last offset before `upTo`. */
  readonly latest: ReadonlyMap<string, number>;
  readonly upTo: number;
}

/** The keys of what has come since the last pass: what stood before holds no key twice. */
async function latestOf(log: PartitionLog, old: readonly Segment[], mostKeys: number): Promise<Latest> {
  const done = cleaned.get(log) ?? 0;
  const latest = new Map<string, number>();
  const pass: Segment[] = [];
  let upTo = done;
  for (const segment of old) {
    pass.push(segment);
    const end = endOf(log, segment);
    if (end <= done) continue;
    for await (const { batch, head } of batchesOf(segment)) {
      if (head.lastOffset < done) continue;
      if (!head.control && !isAborted(log, head))
        for (const { key, offset } of recordsOf(batch)) if (key !== null) latest.set(nameOf(key), Number(offset));
      upTo = head.lastOffset + 1;
      if (latest.size > mostKeys) return { pass, latest, upTo };
    }
    upTo = end;
  }
  return { pass, latest, upTo };
}

function cleanable(log: PartitionLog, { dirtyRatio, lagMs }: Compacting): readonly Segment[] {
  const isReady = (segment: Segment): boolean =>
    segment !== log.segments.at(-1) && endOf(log, segment) <= log.lastStable && Date.now() - segment.latest >= lagMs;
  // One after the other, as they become one.
  const stop = log.segments.findIndex((segment) => !isReady(segment));
  const all = log.segments.slice(0, stop);
  const done = cleaned.get(log) ?? 0;
  const dirty = all.filter((segment) => endOf(log, segment) > done).reduce((sum, one) => sum + one.size, 0);
  const size = all.reduce((sum, one) => sum + one.size, 0);
  return dirty > 0 && dirty >= size * dirtyRatio ? all : [];
}

const endOf = ({ segments, end }: PartitionLog, segment: Segment): number =>
  segments[segments.indexOf(segment) + 1]?.base ?? end;

async function* batchesOf(segment: Segment): AsyncGenerator<{ batch: RecordBatch; bytes: Buffer; head: Head }, void> {
  for (let position = 0, length = windowBytes; position < segment.size;) {
    await breathe();
    const window = segment.read(position, length);
    let walked = 0;
    for (const { head, at } of headsIn(window)) {
      const bytes = window.subarray(at, at + head.size);
      for (const batch of batchesIn(bytes, { crc: false, maxUnpacked })) yield { batch, bytes, head };
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

function stays(
  { key, value, offset, timestamp }: RecordView,
  { latest, upTo }: Latest,
  deleteRetentionMs: number,
): boolean {
  const known = key === null ? undefined : latest.get(nameOf(key));
  if (known !== undefined && known > Number(offset)) return false;
  // What was deleted behind the known keys may still have its value before it.
  return value !== null || Number(offset) >= upTo || Date.now() - timestamp <= deleteRetentionMs;
}

/** Looked at twice and held never: a batch may unpack to millions of records. */
function* keep(
  batch: RecordBatch,
  bytes: Buffer,
  head: Head,
  isKept: (record: RecordView) => boolean,
): Generator<{ readonly bytes: Buffer; readonly head: Head }, void> {
  let gone = 0;
  for (const record of recordsOf(batch)) if (!isKept(record)) gone += 1;
  if (gone === 0) {
    yield { bytes, head };
    return;
  }
  for (const record of recordsOf(batch)) {
    if (!isKept(record)) continue;
    const { key, value, timestamp } = record;
    const one = encodeBatch([{ key, value, timestamp, headers: record.headers() }], {
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence,
      transactional: batch.transactional,
    });
    const made = headAt(one, 0);
    if (made === undefined) throw new Error('a batch that was just made');
    yield { bytes: one, head: place(one, 0, made, Number(record.offset)) };
  }
}

/** Long keys take no more room than short ones. */
const nameOf = (key: Buffer): string =>
  key.length <= 24 ? key.toString('latin1') : createHash('sha1').update(key).digest('base64');
