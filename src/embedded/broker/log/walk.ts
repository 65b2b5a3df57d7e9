import { layout, magicV2, uncounted } from '../../../kafka/records/batch-layout.ts';
import { kafkaError, Refused } from '../errors.ts';
import { headAt, type Head } from './batch.ts';
import type { Segment } from './segment.ts';

/** The whole batches from here on, one after the other, without looking into them. */
export function* headsIn(bytes: Buffer): Generator<{ readonly head: Head; readonly at: number }, void> {
  for (let at = 0; ;) {
    const head = headAt(bytes, at);
    if (head === undefined) return;
    yield { head, at };
    at += head.size;
  }
}

/** About so many bytes from a place on, with one whole batch at least at their beginning; throws where no batch begins there. */
export function windowAt(segment: Segment, position: number, bytes: number): Buffer {
  const window = segment.read(position, bytes);
  if (headAt(window, 0) !== undefined) return window;
  const size = sizeAt(segment, position);
  if (size === undefined) throw damagedAt(segment, position);
  return segment.read(position, size);
}

/** How many bytes the batch has that begins there; undefined where none does. */
export function sizeAt(segment: Segment, position: number): number | undefined {
  const head = segment.read(position, layout.records);
  if (head.length < layout.records || head[layout.magic] !== magicV2) return undefined;
  const size = head.readInt32BE(layout.batchLength) + uncounted;
  return size < layout.records || size > segment.size - position ? undefined : size;
}

/** What was whole once is not any more: no reader gets past it but by going on behind it. */
export const damagedAt = ({ base }: Segment, position: number): Refused =>
  new Refused(kafkaError.corruptMessage, `no batch begins at byte ${position} of the segment from offset ${base} on`);
