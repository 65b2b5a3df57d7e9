import { Reference, referenceNumbers, type Alarm, type ReferenceForm } from '../reference.ts';
import { ewma } from './ewma.ts';
import type { Row } from './rule.ts';

const [row, before, mean] = [referenceNumbers, referenceNumbers + 1, referenceNumbers + 2];

/**
 * What the rules of movement share: d = |x - x before|, its exponential mean over `span` rows, and a reference for what `feature`
 * makes of it. Over a gap nothing is known to have moved: the mean stays as it is.
 */
export class Movement {
  readonly state: Uint8Array;
  readonly #numbers = new Float64Array(referenceNumbers + 3);
  readonly #reference: Reference;
  readonly #span: number;
  readonly #feature: (mean: number) => number;

  constructor(span: number, feature: (mean: number) => number, form: ReferenceForm) {
    this.state = new Uint8Array(this.#numbers.buffer);
    this.#reference = new Reference(form, this.#numbers.subarray(0, referenceNumbers));
    this.#reference.start();
    this.#span = span;
    this.#feature = feature;
  }

  prime(rows: readonly Row[]): void {
    for (const next of rows) this.#reference.prime(this.#step(next));
    this.#reference.close();
    this.#reference.restart();
    this.#numbers.fill(0, row);
  }

  judge(next: Row): Alarm | undefined {
    return this.#reference.judge(this.#step(next));
  }

  #step({ value, gap }: Row): number {
    const numbers = this.#numbers;
    const at = numbers[row] ?? 0;
    const moved = at === 0 ? 0 : Math.abs(value - (numbers[before] ?? 0));
    const now = gap && at > 0 ? (numbers[mean] ?? 0) : ewma(numbers[mean] ?? 0, moved, this.#span, at);
    numbers[row] = at + 1;
    numbers[before] = value;
    numbers[mean] = now;
    return at < this.#span ? 0 : this.#feature(now);
  }
}
