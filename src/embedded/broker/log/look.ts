import type { Head } from './batch.ts';
import type { Segment } from './segment.ts';
import { damagedAt, headsIn, windowAt } from './walk.ts';

export interface Look {
  /** Whole batches from the one with this offset on, below the limit: at least one, then as many as fit. */
  read(offset: number, limit: number, maxBytes: number): { readonly bytes: Buffer; readonly upTo: number };
  /** The first batch for which it holds, from a place in a segment on. */
  first(segment: Segment, from: number, holds: (head: Head) => boolean): Head | undefined;
  /** The segments are others now. */
  forget(): void;
}

const leastBytes = 128 * 1024;
const none = { bytes: Buffer.alloc(0), upTo: -1 };
const mostHints = 64;

/** Reads in the segments of a log. What is read is copied once, into the memory that goes to the socket. */
export function openLook(segments: () => readonly Segment[], end: () => number): Look {
  /** Where the last readers left off: they will go on there. */
  const hints = new Map<number, number>();
  const segmentOf = (offset: number): Segment | undefined =>
    segments().findLast(({ base }) => base <= offset) ?? segments()[0];

  const read: Look['read'] = (offset, limit, maxBytes) => {
    let segment = segmentOf(offset);
    if (segment === undefined || offset >= limit) return none;
    let position = hints.get(offset) ?? segment.positionOf(offset);
    hints.delete(offset);
    for (;;) {
      if (position >= segment.size) {
        // Compaction leaves holes, also at the end of a segment.
        const next: Segment | undefined = segments()[segments().indexOf(segment) + 1];
        if (next === undefined) return none;
        [segment, position] = [next, 0];
        continue;
      }
      const window = windowAt(segment, position, Math.max(maxBytes, leastBytes));
      let [from, to, walked, upTo] = [-1, 0, 0, segment.base];
      for (const { head, at } of headsIn(window)) {
        // The checksum does not cover the offset.
        const isPossible = head.baseOffset >= upTo && head.lastOffset >= head.baseOffset && head.lastOffset < end();
        if (!isPossible && from === -1) throw damagedAt(segment, position + at);
        if (!isPossible || (from !== -1 && at + head.size - from > maxBytes)) break;
        if (head.baseOffset >= limit) {
          if (from === -1) return none;
          break;
        }
        walked = at + head.size;
        upTo = head.lastOffset + 1;
        if (upTo <= offset) continue;
        if (from === -1) from = at;
        to = walked;
      }
      if (from === -1) {
        position += walked;
        continue;
      }
      if (hints.size >= mostHints) hints.clear();
      if (segmentOf(upTo) === segment) hints.set(upTo, position + to);
      const bytes = window.subarray(from, to);
      // A few bytes do not keep all alive that was read to find them.
      return { bytes: 2 * bytes.length < window.length ? Buffer.from(bytes) : bytes, upTo };
    }
  };

  const first: Look['first'] = (segment, from, holds) => {
    for (let position = from; position < segment.size;) {
      let walked = 0;
      for (const { head, at } of headsIn(windowAt(segment, position, leastBytes))) {
        if (holds(head)) return head;
        walked = at + head.size;
      }
      position += walked;
    }
    return undefined;
  };
  return { read, first, forget: () => hints.clear() };
}
