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

/**
 * What is compared stands in a row, with mean, variance and deviation of each window beside it, and is moved to the front when the row
 * is full; the ring in `values` and `marks` is what a checkpoint holds.
 */
export function openShapes({ window, history, nearest, values, marks, count: had }: ShapesOptions): Shapes {
  const kept = values.length;
  const room = 2 * kept;
  const row = new Float64Array(room);
  const [middle, variance, deviation] = [new Float64Array(room), new Float64Array(room), new Float64Array(room)];
  const marked = new Uint8Array(room);
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
    deviation[begin] = Math.sqrt(squares / window);
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
      for (const column of [row, middle, variance, deviation, marked]) column.copyWithin(0, gone);
      first += gone;
    }
    values[count % kept] = mean;
    row[count - first] = values[count % kept] ?? 0;
    count += 1;
    if (count < window) return;
    describe(count - first - window);
    setMark(count - window, false);
  };

  /** The place in the row of the best match before: what follows it is likely the best now, and a good one early saves the rest. */
  let hint = 0;
  const distance = (): number => {
    const own = count - window - first;
    const to = own - nearest;
    const from = Math.max(0, own - history);
    if (own < 0 || to < from) return 0;
    const [mean, spread, deviates] = [middle[own] ?? 0, variance[own] ?? 0, deviation[own] ?? 0];
    let least = Infinity;
    let best = -1;
    const compare = (begin: number): void => {
      if (marked[begin] === 1) return;
      const level = 0.1 * ((middle[begin] ?? 0) - mean) ** 2;
      const both = (variance[begin] ?? 0) + spread;
      // No window can be nearer than this, but for rounding: nearly all are passed over by it, and in any order the same is found.
      if (((deviation[begin] ?? 0) - deviates) ** 2 + level - 1e-12 * both >= least) return;
      let product = 0;
      for (let at = 0; at < window; at++) product += (row[begin + at] ?? 0) * (row[own + at] ?? 0);
      const covariance = product / window - (middle[begin] ?? 0) * mean;
      const squared = both - 2 * covariance + level;
      if (squared >= least) return;
      least = squared;
      best = begin;
    };
    const likely = hint + 1 - first;
    if (likely >= from && likely <= to) compare(likely);
    for (let begin = to; begin >= from; begin--) compare(begin);
    if (best < 0) return 0;
    hint = best + first;
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
