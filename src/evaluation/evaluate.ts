import { compare, type Comparison } from './compare.ts';
import { figuresOfAll, type AllFigures } from './figures-of-all.ts';
import { gateOf, type Gate } from './gate.ts';
import type { Series } from './series.ts';

/** All that is said of a detector. */
export interface Evaluation extends AllFigures, Comparison {
  readonly gate: Gate;
}

/** Judges the flags of a detector, beside what would have been had without one. The same seed draws the same. */
export function evaluate(all: readonly Series[], seed = 1): Evaluation {
  const figures = figuresOfAll(all);
  const comparison = compare(all, figures.total, seed);
  return { ...figures, ...comparison, gate: gateOf(figures.total, comparison.rivals) };
}
