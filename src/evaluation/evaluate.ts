import { checkSeries } from './check-series.ts';
import { compare, type Comparison } from './compare.ts';
import { countOf } from './count.ts';
import { figuresOf, type Figures } from './figures.ts';
import { gateOf, type Gate } from './gate.ts';
import type { Series } from './series.ts';
import { sumOf } from './sum.ts';

/** All that is said of a detector. */
export interface Evaluation extends Comparison {
  readonly entities: readonly { readonly entity: string; readonly figures: Figures }[];
  readonly total: Figures;
  readonly gate: Gate;
}

/** Judges the flags of a detector, beside what would have been had without one. The same seed draws the same. */
export function evaluate(all: readonly Series[], seed = 1): Evaluation {
  checkSeries(all);
  const counts = all.map(countOf);
  const total = figuresOf(sumOf(counts));
  const comparison = compare(all, total, seed);
  return {
    entities: all.map(({ entity }, at) => ({ entity, figures: figuresOf(counts[at] ?? sumOf([])) })),
    total,
    ...comparison,
    gate: gateOf(total, comparison.rivals),
  };
}
