import { Movement } from './movement.ts';
import { times, type Rule } from './rule.ts';

export interface TooBusy {
  readonly res: number;
  readonly settle: number;
  readonly factor: number;
}

/**
 * R, too busy: f = E30(d), and 0 in the first 30 rows; floor res / 5.
 * E_n: s += max(2 / (n + 1), 1 / (t + 1)) · (d - s).
 */
export function tooBusy({ res, settle, factor }: TooBusy): Rule {
  const floor = res / 5;
  const movement = new Movement(30, (mean) => mean, { block: 128, settle, hold: 50, relearn: 300, factor, floor });
  return {
    name: 'too-busy',
    form: '1',
    state: movement.state,
    restored: () => undefined,
    prime: (rows) => {
      movement.prime(rows);
    },
    judge: (row) => movement.judge(row),
    sentence: ({ ratio, byFloor }) =>
      byFloor
        ? `moves per sample ${times(ratio)} what counts as movement, and was still`
        : `moves per sample ${times(ratio)} the most in the last 2,560 rows`,
  };
}
