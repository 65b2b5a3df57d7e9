import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { RecordView } from '../../../kafka/records/batches.ts';
import { Refused } from '../errors.ts';
import { syncFolder } from '../sync-folder.ts';
import { commits, type Batch, type Head } from './batch.ts';
import type { PartitionLog } from './partition-log.ts';
import { openSegment, type Segment } from './segment.ts';
import { recordsOf, thin } from './thin.ts';
import { headsIn, windowAt } from './walk.ts';

export interface Compacting {
  /** What is left is split as it was: into segments no larger than this. */
  readonly segmentBytes: number;
  readonly dirtyRatio: number;
  readonly deleteRetentionMs: number;
  readonly lagMs: number;
  /** That one pass can tell apart; with more, the next pass goes on behind them. */
  readonly mostKeys?: number;
}

const windowBytes = 1024 * 1024;

/** Logs with something in them that cannot be read any more: it may be all that there is of a key. */
const spoilt = new WeakSet<PartitionLog>();

/**
 * Of each key the last value stays, with its offset; what was deleted stays deleted for a while, so that slow readers see it. Only whole
 * segments are worked on that are written to no more, and only where every transaction is decided. Records of aborted transactions go;
 * the marks of their ends stay, as readers count on them.
 */
export async function compact(log: PartitionLog, options: Compacting): Promise<void> {
  const old = spoilt.has(log) ? [] : cleanable(log, options);
  if (old.length === 0) return;
  try {
    const known = await latestOf(log, old, options.mostKeys ?? 500_000);
    // From the oldest on: what was deleted is gone before the mark of it goes.
    for (const group of groupsOf(known.pass, options.segmentBytes))
      if (!(await rewrite(log, group, known, options.deleteRetentionMs))) return;
    cleaned.set(log, known.upTo);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    spoilt.add(log);
    throw new Error(`${log.folder} is compacted no more until the next start: ${thrown.message}`);
  }
}

/** Neighbours that are no larger together than a segment may be: each becomes one. */
function groupsOf(pass: readonly Segment[], segmentBytes: number): readonly Segment[][] {
  const groups: Segment[][] = [];
  let size = 0;
  for (const segment of pass) {
    const group = groups.at(-1);
    size += segment.size;
    if (group !== undefined && size <= segmentBytes) group.push(segment);
    else {
      groups.push([segment]);
      ({ size } = segment);
    }
  }
  return groups;
}

/** False where somebody has deleted records meanwhile. */
async function rewrite(
  log: PartitionLog,
  group: readonly Segment[],
  known: Latest,
  deleteRetentionMs: number,
): Promise<boolean> {
  const isThere = (): boolean => group.every((segment) => log.segments.includes(segment));
  if (!isThere()) return false;
  const folder = join(log.folder, 'compacted');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const base = group[0]?.base ?? 0;
  const made = openSegment(folder, base);
  // Nothing may be left, and still it is where the log begins.
  made.append(Buffer.alloc(0), []);
  for (const segment of group)
    for await (const batch of batchesOf(log, segment)) {
      const { bytes, head } = batch;
      if (head.control) {
        if (!commits(bytes, 0)) made.append(bytes, [head]);
      } else if (!isAborted(log, head))
        for (const kept of thin(batch, (record) => stays(record, known, deleteRetentionMs)))
          made.append(kept.bytes, [kept.head]);
    }
  if (isThere()) await made.flush();
  made.rest();
  if (!isThere()) return false;
  // A death from here on leaves segments that lie over each other; the next start takes the older ones away. An index that is not there
  // is made again, one that belongs to another file would lead astray.
  for (const segment of group) if (segment.base === base) segment.leave();
  const [file, index] = ['log', 'index'].map((suffix) => `${String(base).padStart(20, '0')}.${suffix}`) as [
    string,
    string,
  ];
  rmSync(join(log.folder, index), { force: true });
  renameSync(join(folder, file), join(log.folder, file));
  if (existsSync(join(folder, index))) renameSync(join(folder, index), join(log.folder, index));
  syncFolder(log.folder);
  for (const segment of group) if (segment.base !== base) segment.remove();
  log.replace(group, openSegment(log.folder, base));
  return true;
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
    for await (const batch of batchesOf(log, segment)) {
      const { head } = batch;
      if (head.lastOffset < done) continue;
      if (!head.control && !isAborted(log, head))
        for (const { key, offset } of recordsOf(batch).records)
          if (key !== null) latest.set(nameOf(key), Number(offset));
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

/** None where the segment is gone meanwhile. */
async function* batchesOf(log: PartitionLog, segment: Segment): AsyncGenerator<Batch, void> {
  for (let position = 0; position < segment.size;) {
    await breathe();
    if (!log.segments.includes(segment)) return;
    const window = windowAt(segment, position, windowBytes);
    for (const { head, at } of headsIn(window)) {
      yield { head, bytes: window.subarray(at, at + head.size) };
      position += head.size;
    }
  }
}

const isAborted = (log: PartitionLog, { transactional, producerId, baseOffset }: Head): boolean =>
  transactional &&
  log.producers
    .abortedWithin(baseOffset, baseOffset + 1)
    .some((one) => one.producerId === producerId && one.firstOffset <= baseOffset && one.lastOffset >= baseOffset);

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

/** Long keys take no more room than short ones. */
const nameOf = (key: Buffer): string =>
  key.length <= 24 ? key.toString('latin1') : createHash('sha1').update(key).digest('base64');
