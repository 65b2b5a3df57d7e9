import { Reference, referenceNumbers } from '../reference.ts';
import { ewma } from './ewma.ts';
import { times, type Row, type Rule } from './rule.ts';

export interface ModelError {
  readonly settle: number;
  readonly factor: number;
}

const span = 105;
const [row, mean] = [referenceNumbers, referenceNumbers + 1];

/**
 * G, the model's error: f = E105(|reconstruction - normalised|) of the sensor, and 0 in the first 105 rows; floor 0.01. While the
 * model warms up it errs for want of history: such rows are no rows of this rule, and its mean begins anew behind them.
 */
export function modelError({ settle, factor }: ModelError): Rule {
  const numbers = new Float64Array(referenceNumbers + 2);
  const form = { block: 128, settle, hold: 50, relearn: 300, factor, floor: 0.01 };
  const reference = new Reference(form, numbers.subarray(0, referenceNumbers));
  reference.start();
  const step = ({ error, warming }: Row): number | undefined => {
    const at = warming ? 0 : (numbers[row] ?? 0);
    numbers[row] = warming ? 0 : at + 1;
    numbers[mean] = warming ? 0 : ewma(numbers[mean] ?? 0, error, span, at);
    if (warming) return undefined;
    return at < span ? 0 : (numbers[mean] ?? 0);
  };
  return {
    name: 'model-error',
    form: '1',
    state: new Uint8Array(numbers.buffer),
    restored: () => undefined,
    prime: (rows) => {
      for (const next of rows) {
        const value = step(next);
        if (value !== undefined) reference.prime(value);
      }
      reference.close();
      reference.restart();
      numbers.fill(0, row);
    },
    judge: (next) => reference.judge(step(next)),
    sentence: ({ ratio, byFloor }) =>
      byFloor
        ? `is ${times(ratio)} further from what the model expects than counts as an error`
        : `is ${times(ratio)} further from what the model expects than ever in the last 2,560 rows`,
  };
}
