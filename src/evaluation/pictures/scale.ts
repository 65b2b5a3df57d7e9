/** Where values stand between two places, and which of them are written there. */
export interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Even steps; `about` so many are written, as round as they can be. */
export function evenScale({ low, high }: Range, from: number, to: number, about: number): Scale {
  const width = high - low;
  const step = roundStep(width / about);
  const first = Math.ceil(low / step);
  const ticks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => tidy((first + at) * step));
  return { place: (value) => from + ((value - low) / width) * (to - from), ticks };
}

/** From 0 on, ever closer: 1, which an alarm begins at, and 200 can both be read. */
export function closingScale(high: number, from: number, to: number): Scale {
  const depth = (value: number): number => Math.log10(1 + 9 * Math.max(0, value));
  const ticks = [0, 1, 10, 100, 1_000, 10_000].filter((tick) => tick <= high);
  return { place: (value) => from + (depth(value) / depth(high)) * (to - from), ticks };
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((times) => times * power >= least) ?? 10) * power;
}

/** Without the last digits, which a product of fractions gets wrong. */
const tidy = (value: number): number => Number(value.toPrecision(12)) + 0;
