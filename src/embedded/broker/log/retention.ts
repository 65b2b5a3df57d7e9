import type { PartitionLog } from './partition-log.ts';

/** The offset before which segments are too old, or too much; never of what a transaction has open. */
export function expired(
  { segments, start, end, size, lastStable }: PartitionLog,
  { retentionMs, retentionBytes }: { readonly retentionMs: number; readonly retentionBytes: number },
): number {
  let [before, left] = [start, size];
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    const until = next?.base ?? end;
    const old = retentionMs >= 0 && segment.latest >= 0 && Date.now() - segment.latest > retentionMs;
    if (until > lastStable) return before;
    // The last one is still written to; it is too much only when another has begun.
    if (next === undefined) return old ? until : before;
    const much = retentionBytes >= 0 && left - segment.size >= retentionBytes;
    if (!old && !much) return before;
    before = until;
    left -= segment.size;
  }
  return before;
}
