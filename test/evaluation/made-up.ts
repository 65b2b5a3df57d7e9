import type { Series, Span } from '../../src/evaluation/series.ts';

type Rows = readonly (readonly [first: number, last: number])[];

interface MadeUp {
  readonly entity?: string;
  readonly rows: number;
  readonly labels?: Rows;
  readonly flagged?: Rows;
}

/** A series of spans written as pairs. */
export function madeUp({ entity = 'A-1', rows, labels = [], flagged = [] }: MadeUp): Series {
  return { entity, rows, labels: labels.map(spanOf), flags: flagsOf(rows, flagged) };
}

export function flagsOf(rows: number, flagged: Rows): Uint8Array {
  const flags = new Uint8Array(rows);
  for (const [first, last] of flagged) flags.fill(1, first, last + 1);
  return flags;
}

const spanOf = ([first, last]: readonly [number, number]): Span => ({ first, last });
