import type { Head } from './batch.ts';
import type { Segment } from './segment.ts';
import { headsIn } from './walk.ts';

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
export function openLook(segments: () => readonly Segment[]): Look {
  /** Where the last readers left off: they will go on there. */
  const hints = new Map<number, number>();
  const segmentOf = (offset: number): Segment | undefined =>
    segments().findLast(({ base }) => base <= offset) ?? segments()[0];

  const read: Look['read'] = (offset, limit, maxBytes) => {
    let segment = segmentOf(offset);
    if (segment === undefined || offset >= limit) return none;
    let position = hints.get(offset) ?? segment.positionOf(offset);
    hints.delete(offset);
    for (let length = Math.max(maxBytes, leastBytes); ; length *= 2) {
      const window = segment.read(position, length);
      let [from, to, upTo] = [-1, 0, offset];
      for (const { head, at } of headsIn(window)) {
        if (head.lastOffset < offset) continue;
        if (head.baseOffset >= limit || (from !== -1 && at + head.size - from > maxBytes)) break;
        if (from === -1) from = at;
        to = at + head.size;
        upTo = head.lastOffset + 1;
      }
      if (from !== -1) {
        if (hints.size >= mostHints) hints.clear();
        if (segmentOf(upTo) === segment) hints.set(upTo, position + to);
        const bytes = window.subarray(from, to);
        // A few bytes do not keep all alive that was read to find them.
        return { bytes: 2 * bytes.length < window.length ? Buffer.from(bytes) : bytes, upTo };
      }
      if (position + length < segment.size) continue;
      // Compaction leaves holes, also at the end of a segment.
      const next: Segment | undefined = segments()[segments().indexOf(segment) + 1];
      if (next === undefined) return none;
      [segment, position, length] = [next, 0, Math.max(maxBytes, leastBytes) / 2];
    }
  };

  const first: Look['first'] = (segment, from, holds) => {
    for (let [position, length] = [from, leastBytes]; position < segment.size;) {
      const window = segment.read(position, length);
      let walked = 0;
      for (const { head, at } of headsIn(window)) {
        if (holds(head)) return head;
        walked = at + head.size;
      }
      if (walked === 0 && position + length >= segment.size) return undefined;
      length = walked === 0 ? length * 2 : leastBytes;
      position += walked;
    }
    return undefined;
  };
  return { read, first, forget: () => hints.clear() };
}
