import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { kafkaError, Refused } from '../errors.ts';
import { commits as isCommit, place, stampTime, type Head } from './batch.ts';
import { openLook } from './look.ts';
import { openProducers, type Aborted } from './producers.ts';
import { recover } from './recover.ts';
import { openSegment, type Segment } from './segment.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

export interface LogSettings {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly logAppendTime: boolean;
}

export interface Read {
  readonly bytes: Buffer;
  readonly aborted: readonly Aborted[];
}

/** The records of one partition: batches as the bytes that came in. Offsets are safe integers. */
export interface PartitionLog {
  readonly folder: string;
  readonly start: number;
  /** The offset that the next record will have. */
  readonly end: number;
  /** Offsets from here on stand in transactions that are open. */
  readonly lastStable: number;
  readonly size: number;
  readonly segments: readonly Segment[];
  readonly producers: ReturnType<typeof openProducers>;
  /** The offset of the first of them; that of long ago where they were written before. */
  append(bytes: Buffer, heads: readonly Head[]): number;
  /** Whole batches from the one with this offset on: at least one, then as many as fit. */
  read(offset: number, maxBytes: number, committedOnly: boolean): Read;
  /** The first record with this time or a later one. */
  firstAt(time: number): { readonly offset: number; readonly time: number } | undefined;
  latest(): { readonly offset: number; readonly time: number } | undefined;
  /** All that was appended before is on the disk. */
  flush(): Promise<void>;
  /** What begins before is gone. */
  removeBefore(offset: number): void;
  /** Segments in place of others, which hold less of the same: what compaction has made. */
  replace(old: readonly Segment[], made: readonly Segment[]): void;
  /** Hears of each append, and of each end of a transaction. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
  remove(): void;
}

/** A snapshot of who has written is made after so many bytes, so that a start need not look at more. */
const snapshotBytes = 32 * 1024 * 1024;

export interface LogOptions {
  readonly folder: string;
  readonly settings: () => LogSettings;
  readonly note: (line: string) => void;
}

export function openPartitionLog({ folder, settings, note }: LogOptions): PartitionLog {
  mkdirSync(folder, { recursive: true });
  const bases = readdirSync(folder).flatMap((name) => (name.endsWith('.log') ? [Number.parseInt(name, 10)] : []));
  const first = openSegment(folder, bases.length === 0 ? 0 : Math.min(...bases));
  let segments = [
    first,
    ...bases
      .filter((base) => base !== first.base)
      .sort((a, b) => a - b)
      .map((base) => openSegment(folder, base)),
  ];
  const snapshot = readSnapshot(folder);
  const producers = openProducers(snapshot?.state);
  const recovered = recover(segments, snapshot?.offset ?? 0, producers);
  segments = recovered.segments;
  if (recovered.cut > 0)
    note(
      `${folder}: ${recovered.cut} bytes behind the last whole batch are cut off; it ends at offset ${recovered.end}`,
    );
  let { end } = recovered;
  let start = Math.max(snapshot?.start ?? 0, first.base);
  let [sinceSnapshot, dirty] = [recovered.looked, false];
  const listeners = new Set<() => void>();
  /** Written to no more, and perhaps not on the disk yet. */
  const ended = new Set<Segment>();
  for (const one of segments.slice(0, -1)) one.rest();
  const look = openLook(() => segments);

  const active = (): Segment => segments.at(-1) ?? first;
  const lastStable = (): number => producers.firstOpen() ?? end;

  const roll = (bytes: number): Segment => {
    const { segmentBytes, segmentMs } = settings();
    const now = active();
    const full = now.size + bytes > segmentBytes || Date.now() - now.since > segmentMs;
    if (now.size === 0 || !full) return now;
    const next = openSegment(folder, end);
    segments = [...segments, next];
    ended.add(now);
    return next;
  };

  const append: PartitionLog['append'] = (bytes, heads) => {
    const known = heads.map((head) => (head.control ? undefined : producers.written(head)));
    const again = known.find((offset) => offset !== undefined);
    if (again !== undefined) return again;
    const segment = roll(bytes.length);
    const base = end;
    let [at, next] = [0, end];
    const { logAppendTime } = settings();
    const placed = heads.map((head) => {
      const stamped = logAppendTime && !head.control ? stampTime(bytes, at, head, Date.now()) : head;
      const one = place(bytes, at, stamped, next);
      at += one.size;
      next = one.lastOffset + 1;
      return one;
    });
    try {
      segment.append(bytes, placed);
    } catch (thrown) {
      throw new Refused(
        kafkaError.storageError,
        `${folder}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      );
    }
    end = next;
    sinceSnapshot += bytes.length;
    dirty = true;
    at = 0;
    for (const head of placed) {
      producers.append(head, head.control && isCommit(bytes, at));
      at += head.size;
    }
    for (const listener of [...listeners]) listener();
    return base;
  };

  const read: PartitionLog['read'] = (offset, maxBytes, committedOnly) => {
    const { bytes, upTo } = look.read(offset, committedOnly ? lastStable() : end, maxBytes);
    const aborted = committedOnly && bytes.length > 0 ? producers.abortedWithin(offset, upTo) : [];
    return { bytes, aborted };
  };

  const flush = async (): Promise<void> => {
    if (!dirty) return;
    dirty = false;
    const upTo = end;
    const state = sinceSnapshot > snapshotBytes ? producers.state() : undefined;
    const [rolled, last] = [[...ended], active()];
    try {
      for (const one of rolled) {
        await one.flush();
        ended.delete(one);
        one.rest();
      }
      await last.flush();
    } catch (thrown) {
      dirty = true;
      throw thrown;
    }
    if (state === undefined) return;
    sinceSnapshot = 0;
    try {
      writeSnapshot(folder, { offset: upTo, start, state });
    } catch (thrown) {
      // The records are on the disk all the same; a start has more to look at.
      note(`${folder}: ${String(thrown)}`);
    }
  };

  return {
    folder,
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    get lastStable() {
      return lastStable();
    },
    get size() {
      return segments.reduce((sum, { size }) => sum + size, 0);
    },
    get segments() {
      return segments;
    },
    producers,
    append,
    read,
    firstAt: (time) => {
      for (const segment of segments) {
        const position = segment.positionAt(time);
        if (position === undefined) continue;
        const head = look.first(segment, position, (one) => one.maxTimestamp >= time && one.lastOffset >= start);
        if (head !== undefined) return { offset: Math.max(start, head.baseOffset), time: head.maxTimestamp };
      }
      return undefined;
    },
    latest: () => {
      const newest = segments.reduce((most, one) => (one.latest > most.latest ? one : most), first);
      if (newest.latest < 0) return undefined;
      const from = newest.positionAt(newest.latest) ?? 0;
      const head = look.first(newest, from, ({ maxTimestamp }) => maxTimestamp === newest.latest);
      return head && { offset: head.lastOffset, time: head.maxTimestamp };
    },
    flush,
    removeBefore: (offset) => {
      start = Math.max(start, Math.min(offset, end));
      while (segments.length > 1 && (segments[1]?.base ?? Infinity) <= start) {
        segments[0]?.remove();
        segments = segments.slice(1);
      }
      look.forget();
      producers.forget(start, Date.now() - 7 * 86_400_000);
      writeSnapshot(folder, { offset: end, start, state: producers.state() });
    },
    replace: (old, made) => {
      segments = [...made, ...segments.filter((one) => !old.includes(one))];
      for (const one of old) ended.delete(one);
      look.forget();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      dirty = true;
      await flush();
      writeSnapshot(folder, { offset: end, start, state: producers.state() });
      for (const segment of segments) segment.rest();
    },
    remove: () => {
      for (const segment of segments) segment.remove();
      rmSync(folder, { recursive: true, force: true });
      for (const listener of [...listeners]) listener();
    },
  };
}
