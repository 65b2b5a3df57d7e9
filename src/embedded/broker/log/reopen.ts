import { mkdirSync, readdirSync } from 'node:fs';
import { openProducers, type Producers } from './producers.ts';
import { recover } from './recover.ts';
import { openSegment, type Segment } from './segment.ts';
import { readSnapshot } from './snapshot.ts';

export interface Reopened {
  readonly segments: readonly Segment[];
  readonly producers: Producers;
  readonly start: number;
  readonly end: number;
  /** Bytes that a snapshot now would save the next start from looking at. */
  readonly looked: number;
}

/** What a start makes of a log's folder: of a new one, too. */
export function reopen(folder: string, note: (line: string) => void): Reopened {
  mkdirSync(folder, { recursive: true });
  const bases = readdirSync(folder).flatMap((name) => (name.endsWith('.log') ? [Number.parseInt(name, 10)] : []));
  const sorted = (bases.length === 0 ? [0] : bases).sort((a, b) => a - b);
  const found = sorted.map((base) => openSegment(folder, base));
  const snapshot = readSnapshot(folder);
  let producers = openProducers(snapshot?.state);
  let recovered = recover(found, snapshot?.offset ?? 0, producers);
  if (recovered.cut > 0)
    note(
      `${folder}: ${recovered.cut} bytes behind the last whole batch are cut off; it ends at offset ${recovered.end}`,
    );
  for (const place of recovered.damaged) note(`${folder}: ${place}; what is behind it can be read`);
  // Power was lost, and the snapshot knows of more than came to the disk: what a producer sends again would be taken for written.
  if (snapshot !== undefined && recovered.end < snapshot.offset) {
    producers = openProducers();
    recovered = recover(recovered.segments, 0, producers);
  }
  const { segments, end, looked } = recovered;
  const start = Math.min(Math.max(snapshot?.start ?? 0, segments[0]?.base ?? 0), end);
  return { segments, producers, start, end, looked };
}
