import { alarmsOf } from '../alarms.ts';
import { wholeText } from '../as-text.ts';
import type { Series, Span } from '../series.ts';

/** A label or an alarm as it is drawn. */
export interface Drawn extends Span {
  readonly className: 'found' | 'missed' | 'true' | 'false';
  /** What is said of it where the pointer rests on it. */
  readonly told: string;
}

/** The labels and the alarms of an entity, each with what came of it. */
export function spansOf({ labels, flags }: Series): {
  readonly labels: readonly Drawn[];
  readonly alarms: readonly Drawn[];
} {
  const alarms = alarmsOf(flags);
  const meet = (one: Span, other: Span): boolean => one.first <= other.last && other.first <= one.last;
  return {
    labels: labels.map((label) => {
      const { first, last, kind = 'anomaly' } = label;
      const isFound = alarms.some((alarm) => meet(alarm, label));
      const after = flags.subarray(first, last + 1).findIndex((flag) => flag !== 0);
      const flagged = after < 0 ? '' : `, first flag after ${wholeText(after)} rows`;
      const told = `labelled (${kind}), ${rowsOf(label)}: ${isFound ? `found${flagged}` : 'missed'}`;
      return { first, last, className: isFound ? 'found' : 'missed', told };
    }),
    alarms: alarms.map((alarm) => {
      const isTrue = labels.some((label) => meet(alarm, label));
      const told = `${isTrue ? 'alarm' : 'false alarm'}, ${rowsOf(alarm)}`;
      return { ...alarm, className: isTrue ? 'true' : 'false', told };
    }),
  };
}

const rowsOf = ({ first, last }: Span): string => `rows ${wholeText(first)} to ${wholeText(last)}`;
