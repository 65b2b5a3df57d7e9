export interface ShapesOptions {
  /** Means of a window. */
  readonly window: number;
  /** How many means before a window the earliest begins that it is compared with, and the latest. */
  readonly history: number;
  readonly nearest: number;
  /** The last means, each at its number modulo their length; and a bit for the window that begins at each. They are the state. */
  readonly values: Float32Array;
  readonly marks: Uint8Array;
  /** How many means there were. */
  readonly count: number;
}

/** All windows of the last means, and the distance of the newest from the nearest of them. */
export interface Shapes {
  add(mean: number): void;
  /** Of the newest window; 0 where there is none to compare it with. */
  distance(): number;
  /** The newest window is compared with no more. */
  mark(): void;
  /** Windows that ended within so many means are compared with again. */
  unmark(means: number): void;
}

/** After so many means the products are made anew, so that what they are off by never adds up. */
const anewAfter = 1_024;

/**
 * What is compared stands in a row, with mean and variance of each window beside it, and is moved to the front when the row is full; the
 * ring in `values` and `marks` is what a checkpoint holds.
 *
 * The product of the newest window with each earlier one is kept, because with the next mean it changes by its ends only. It is off by
 * a little, and not the same after a restore: so it only says which windows cannot be the nearest, and the others are looked at whole.
 */
export function openShapes({ window, history, nearest, values, marks, count: had }: ShapesOptions): Shapes {
  const kept = values.length;
  const room = 2 * kept;
  const row = new Float64Array(room);
  const [middle, variance] = [new Float64Array(room), new Float64Array(room)];
  /** Of each window what its distance from any other has by itself: V + 0.1 μ². */
  const alone = new Float64Array(room);
  /** The most that V + μ² was of any window since the row was begun or moved. */
  let largest = 0;
  const marked = new Uint8Array(room);
  /** By how much earlier the other window begins. */
  const products = new Float64Array(history + 1);
  let count = had;
  /** The number of the mean that stands first in the row. */
  let first = Math.max(0, had - kept);

  const describe = (begin: number): void => {
    let sum = 0;
    for (let at = begin; at < begin + window; at++) sum += row[at] ?? 0;
    const mean = sum / window;
    let squares = 0;
    for (let at = begin; at < begin + window; at++) squares += ((row[at] ?? 0) - mean) ** 2;
    middle[begin] = mean;
    variance[begin] = squares / window;
    alone[begin] = squares / window + 0.1 * mean ** 2;
    largest = Math.max(largest, squares / window + mean ** 2);
  };
  const productOf = (own: number, begin: number): number => {
    let product = 0;
    for (let at = 0; at < window; at++) product += (row[begin + at] as number) * (row[own + at] as number);
    return product;
  };
  /** For the window that begins there, from those of the window before it. */
  const multiply = (own: number, anew: boolean): void => {
    const [gone, come] = [row[own - 1] as number, row[own + window - 1] as number];
    const last = Math.min(history, own);
    if (anew) {
      for (let by = nearest; by <= last; by++) products[by] = productOf(own, own - by);
      return;
    }
    // The window at the very begin has none before it.
    const moved = Math.min(last, own - 1);
    for (let by = nearest, begin = own - nearest; by <= moved; by++, begin--)
      products[by] =
        (products[by] as number) + come * (row[begin + window - 1] as number) - gone * (row[begin - 1] as number);
    if (moved < last) products[last] = productOf(own, own - last);
  };
  const setMark = (begin: number, on: boolean): void => {
    marked[begin - first] = on ? 1 : 0;
    const place = begin % kept;
    const bit = 1 << (place & 7);
    marks[place >> 3] = on ? (marks[place >> 3] ?? 0) | bit : (marks[place >> 3] ?? 0) & ~bit;
  };
  for (let number = first; number < count; number++) {
    const place = number % kept;
    row[number - first] = values[place] ?? 0;
    marked[number - first] = ((marks[place >> 3] ?? 0) >> (place & 7)) & 1;
    if (number - first + 1 >= window) describe(number - first + 1 - window);
  }

  const add = (mean: number): void => {
    if (count - first === room) {
      const gone = room - kept;
      for (const column of [row, middle, variance, alone, marked]) column.copyWithin(0, gone);
      first += gone;
    }
    values[count % kept] = mean;
    row[count - first] = values[count % kept] ?? 0;
    count += 1;
    if (count < window) return;
    describe(count - first - window);
    multiply(count - first - window, count === had + 1 || count % anewAfter === 0);
    setMark(count - window, false);
  };

  /** d² of two windows. */
  const squared = (own: number, begin: number, product: number): number => {
    const [mean, other] = [middle[own] as number, middle[begin] as number];
    const covariance = product / window - other * mean;
    return (variance[begin] as number) + (variance[own] as number) - 2 * covariance + 0.1 * (other - mean) ** 2;
  };
  /** The number of the mean with which the nearest began: what follows it is likely the nearest now, and the rest is soon passed over. */
  let nearestAt = 0;
  const distance = (): number => {
    const own = count - window - first;
    const to = own - nearest;
    const from = Math.max(0, own - history);
    if (own < 0 || to < from) return 0;
    const likely = nearestAt + 1 - first;
    let best = likely >= from && likely <= to && marked[likely] !== 1 ? likely : -1;
    let least = best < 0 ? Infinity : squared(own, best, productOf(own, best));
    // d² = (V' + 0.1 μ'²) + (V + 0.1 μ²) - 2 / window · product + 1.8 μ' μ: most windows are told to be farther off by that.
    const [perProduct, perMiddle] = [2 / window, 1.8 * (middle[own] as number)];
    const off = 1e-12 * ((variance[own] as number) + (middle[own] as number) ** 2 + largest);
    const isNear = off - (alone[own] as number);
    for (let begin = to; begin >= from && least > 0; begin--) {
      const about =
        (alone[begin] as number) -
        perProduct * (products[own - begin] as number) +
        perMiddle * (middle[begin] as number);
      if (about >= least + isNear || marked[begin] === 1) continue;
      const exact = squared(own, begin, productOf(own, begin));
      if (exact >= least) continue;
      least = exact;
      best = begin;
    }
    if (best < 0) return 0;
    nearestAt = best + first;
    return Math.sqrt(Math.max(0, least));
  };

  return {
    add,
    distance,
    mark: () => {
      if (count >= window) setMark(count - window, true);
    },
    unmark: (means) => {
      for (let number = Math.max(first, count - means - window + 1, 0); number <= count - window; number++)
        setMark(number, false);
    },
  };
}
