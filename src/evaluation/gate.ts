import type { Rival } from './compare.ts';
import type { Figures } from './figures.ts';

export interface Gate {
  readonly passed: boolean;
  /** The detector's. */
  readonly strictF1: number;
  readonly against: readonly { readonly name: string; readonly strictF1: number; readonly isBeaten: boolean }[];
  /** A sentence for each reason not to pass; none if it passed. */
  readonly because: readonly string[];
}

/**
 * Whether a detector has shown that it sees anything. It passes if its strict F1 is above 0 and above the strict F1 of every
 * rival, draw by draw, at no more time in alarm than the detector's own.
 *
 * - Strict F1: the F1 of onsets, of all entities together. An alarm must begin inside a label to count for it, and one that
 *   begins inside none counts against it. Undefined (no labels, no alarms) is 0.
 * - Time in alarm: rows from the first to the last flag of each alarm, of all entities together.
 * - A rival that takes more time has two ways to take less, and the better of them counts. It may end its alarms sooner, down to
 *   a row each: where they begin stays, and so does its strict F1. Or it may raise its threshold, everywhere by the same factor,
 *   until its time is no more than the detector's: that sheds false alarms, but cuts long ones into several.
 *   Everything is left with an alarm that begins at the first row, or with none: 0, unless a label begins there.
 * - Random alarms take less time by construction; rotated ones the same, but for what the turn joins or cuts.
 * - Draw by draw: above the largest of them. With 50 draws one that draws its alarms at random is above those of either kind
 *   once in 51 times. Where few events are labelled a good detector may not be either, and then has indeed shown nothing.
 */
export function gateOf({ labels, onsets }: Figures, rivals: readonly Rival[]): Gate {
  const strictF1 = onsets.f1 ?? 0;
  const against = rivals.map(({ name, toBeat }) => ({ name, strictF1: toBeat, isBeaten: strictF1 > toBeat }));
  const because: string[] = [];
  if (labels === 0) because.push('Nothing is labelled, so nothing can be shown.');
  else if (strictF1 === 0) because.push('No alarm begins inside a label.');
  for (const { name, strictF1: theirs, isBeaten } of against)
    if (!isBeaten && strictF1 > 0)
      because.push(`Its strict F1, ${strictF1.toFixed(3)}, is not above that of ${name}, ${theirs.toFixed(3)}.`);
  return { passed: because.length === 0, strictF1, against, because };
}
