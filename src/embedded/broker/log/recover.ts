import { commits, headAt, isSound } from './batch.ts';
import type { Producers } from './producers.ts';
import type { Segment } from './segment.ts';
import { damagedAt, headsIn, sizeAt } from './walk.ts';

export interface Recovered {
  readonly segments: readonly Segment[];
  readonly end: number;
  /** Bytes that were not whole. */
  readonly cut: number;
  /** Places in front of what is known to be on the disk, where no batch begins. */
  readonly damaged: readonly string[];
  /** Bytes whose batches were looked at. */
  readonly looked: number;
}

const windowBytes = 4 * 1024 * 1024;

/**
 * After a start: the log up to its last whole batch, and who has written to it. What is behind the last place of a segment's index may
 * never have come to the disk, so there each checksum is looked at; of what is before it only heads are read, from the snapshot on. What
 * is damaged there is no torn tail: it stays, and so does all that is behind it.
 */
export function recover(segments: readonly Segment[], from: number, producers: Producers): Recovered {
  let [end, looked] = [segments[0]?.base ?? 0, 0];
  const kept: Segment[] = [];
  const damaged: string[] = [];
  for (const [index, segment] of segments.entries()) {
    // Compaction had put it into the segment before, and died before it took it away.
    if (index > 0 && segment.base < end) {
      segment.remove();
      continue;
    }
    kept.push(segment);
    const next = segments[index + 1];
    const proven = segment.positionOf(Infinity);
    // All of it is known: nothing is in doubt, and nobody wrote to it after the snapshot.
    if (next !== undefined && next.base <= from) {
      end = Math.max(end, segment.base);
      segment.truncate(segment.size, newestIn(segment, proven));
      continue;
    }
    let position = Math.min(proven, segment.positionOf(from));
    let latest = segment.latest;
    while (position < segment.size) {
      const window = segment.read(position, windowBytes);
      let at = 0;
      for (let head = headAt(window, 0); head !== undefined; head = headAt(window, at)) {
        if (position + at >= proven && !isSound(window, at, head)) break;
        if (head.baseOffset >= from) producers.append(head, head.control && commits(window, at));
        end = head.lastOffset + 1;
        latest = Math.max(latest, head.maxTimestamp);
        at += head.size;
      }
      looked += at;
      if (at === 0) {
        const larger = wholeAt(segment, position);
        const behind = larger === undefined && position < proven ? segment.placeAfter(position) : undefined;
        if (behind !== undefined) {
          damaged.push(damagedAt(segment, position).message);
          position = behind;
          continue;
        }
        if (larger === undefined) break;
        if (larger.head.baseOffset >= from) producers.append(larger.head, false);
        end = larger.head.lastOffset + 1;
        latest = Math.max(latest, larger.head.maxTimestamp);
        at = larger.head.size;
      }
      position += at;
    }
    const cut = segment.size - position;
    if (cut > 0) {
      segment.truncate(position, latest);
      for (const later of segments.slice(index + 1)) later.remove();
      return { segments: kept, end, cut, damaged, looked };
    }
    segment.truncate(position, latest);
  }
  return { segments: kept, end, cut: 0, damaged, looked };
}

/** What is behind the last place that was noted may be newer than all before it. */
function newestIn(segment: Segment, from: number): number {
  let { latest } = segment;
  for (let position = from; position < segment.size;) {
    let walked = 0;
    for (const { head, at } of headsIn(segment.read(position, windowBytes))) {
      latest = Math.max(latest, head.maxTimestamp);
      walked = at + head.size;
    }
    if (walked === 0) return latest;
    position += walked;
  }
  return latest;
}

/** A batch that is larger than the window. */
function wholeAt(segment: Segment, position: number) {
  const size = sizeAt(segment, position);
  if (size === undefined) return undefined;
  const bytes = segment.read(position, size);
  const head = headAt(bytes, 0);
  return head !== undefined && isSound(bytes, 0, head) ? { head } : undefined;
}
