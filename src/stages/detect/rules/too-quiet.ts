import { Movement } from './movement.ts';
import { times, type Rule } from './rule.ts';

export interface TooQuiet {
  readonly res: number;
  readonly settle: number;
  readonly factor: number;
}

/** Q, too quiet: f = 1 / (E100(d) + res / 2), and 0 in the first 100 rows; floor 0.1. */
export function tooQuiet({ res, settle, factor }: TooQuiet): Rule {
  const feature = (mean: number): number => 1 / (mean + res / 2);
  const movement = new Movement(100, feature, { block: 128, settle, hold: 50, relearn: 300, factor, floor: 0.1 });
  return {
    name: 'too-quiet',
    // What it has learned is in units of it.
    form: `1 res=${res}`,
    state: movement.state,
    restored: () => undefined,
    prime: (rows) => {
      movement.prime(rows);
    },
    judge: (row) => movement.judge(row),
    sentence: ({ ratio }) => `has hardly moved for 100 rows; ${times(ratio)} quieter than ever in the last 2,560`,
  };
}
