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
  /** The mean of what would be an eighth of a window and begins there. */
  const coarse = new Float64Array(room);
  const eighth = window / 8;
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
    // Of the window before, all but the last was looked at.
    for (let at = begin === 0 ? 0 : begin + window - eighth; at <= begin + window - eighth; at++) {
      let part = 0;
      for (let one = at; one < at + eighth; one++) part += row[one] ?? 0;
      coarse[at] = part / eighth;
    }
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
      for (const column of [row, middle, variance, deviation, coarse, marked]) column.copyWithin(0, gone);
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
    const likely = hint + 1 - first;
    let best = likely >= from && likely <= to && marked[likely] !== 1 ? likely : -1;
    const near = best < 0 ? Infinity : squared(own, best);
    const found = search(own, from, to, near);
    if (found.best >= 0) best = found.best;
    if (best < 0) return 0;
    hint = best + first;
    return Math.sqrt(Math.max(0, found.least));
  };

  /** d² of two windows. */
  const squared = (own: number, begin: number): number => {
    let product = 0;
    for (let at = 0; at < window; at++) product += (row[begin + at] as number) * (row[own + at] as number);
    const [mean, other] = [middle[own] as number, middle[begin] as number];
    const covariance = product / window - other * mean;
    return (variance[begin] as number) + (variance[own] as number) - 2 * covariance + 0.1 * (other - mean) ** 2;
  };

  /**
   * The nearest window that is nearer than `near`. Most are passed over by what no window can be nearer than, but for rounding, so in any
   * order the same is found: the difference of the deviations, then those of the means of their eighths.
   */
  const search = (own: number, from: number, to: number, near: number): { best: number; least: number } => {
    const mean = middle[own] as number;
    const spread = variance[own] as number;
    const deviates = deviation[own] as number;
    let least = near;
    let best = -1;
    for (let begin = to; begin >= from && least > 0; begin--) {
      const apart = (middle[begin] as number) - mean;
      const level = 0.1 * apart * apart;
      const both = (variance[begin] as number) + spread;
      const wider = (deviation[begin] as number) - deviates;
      if (wider * wider + level - 1e-12 * both >= least) continue;
      const most = 8 * (least + 9 * level + 1e-12 * (both + mean * mean));
      let squares = 0;
      for (let at = 0; at < window && squares < most; at += eighth) {
        const difference = (coarse[begin + at] as number) - (coarse[own + at] as number);
        squares += difference * difference;
      }
      if (squares >= most || marked[begin] === 1) continue;
      const nearer = squared(own, begin);
      if (nearer >= least) continue;
      least = nearer;
      best = begin;
    }
    return { best, least };
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
