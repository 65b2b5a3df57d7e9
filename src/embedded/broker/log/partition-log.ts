import { rmSync } from 'node:fs';
import { kafkaError, Refused } from '../errors.ts';
import { limits } from '../limits.ts';
import { commits as isCommit, place, stampTime, type Head } from './batch.ts';
import { openLook } from './look.ts';
import type { Aborted, Producers } from './producers.ts';
import { reopen } from './reopen.ts';
import { openSegment, type Segment } from './segment.ts';
import { writeSnapshot } from './snapshot.ts';

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
  /** None where it was removed. */
  readonly segments: readonly Segment[];
  readonly producers: Producers;
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
  /** A segment in place of others, which holds less of the same: what compaction has made. */
  replace(old: readonly Segment[], made: Segment): void;
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
  const found = reopen(folder, note);
  const { producers } = found;
  let { segments, start, end } = found;
  let [sinceSnapshot, dirty, removed] = [found.looked, false, false];
  const listeners = new Set<() => void>();
  /** Written to no more, and perhaps not on the disk yet. */
  const ended = new Set<Segment>();
  for (const one of segments.slice(0, -1)) one.rest();
  const look = openLook(
    () => segments,
    () => end,
  );
  const told = new Set<string>();

  const active = (): Segment => segments.at(-1) as Segment;
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
    const { bytes, upTo } = sayingOnce(() => look.read(offset, committedOnly ? lastStable() : end, maxBytes));
    const aborted = committedOnly && bytes.length > 0 ? producers.abortedWithin(offset, upTo) : [];
    return { bytes, aborted };
  };

  /** Readers ask for what is damaged again and again. */
  const sayingOnce = <T>(attempt: () => T): T => {
    try {
      return attempt();
    } catch (thrown) {
      const what = `${folder}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
      if (!told.has(what)) note(what);
      told.add(what);
      throw thrown;
    }
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

  const keepSnapshot = (): void => writeSnapshot(folder, { offset: end, start, state: producers.state() });

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
      return removed ? [] : segments;
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
      const newest = segments.reduce((most, one) => (one.latest > most.latest ? one : most), active());
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
      producers.forget(start, Date.now() - limits.producerKeptMs);
      keepSnapshot();
    },
    replace: (old, made) => {
      segments = segments.flatMap((one) => (one === old[0] ? [made] : old.includes(one) ? [] : [one]));
      for (const one of old) ended.delete(one);
      look.forget();
      // Who had written what is gone now is known from here alone.
      keepSnapshot();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      dirty = true;
      await flush();
      keepSnapshot();
      for (const segment of segments) segment.rest();
    },
    remove: () => {
      removed = true;
      for (const segment of segments) segment.remove();
      rmSync(folder, { recursive: true, force: true });
      for (const listener of [...listeners]) listener();
    },
  };
}
