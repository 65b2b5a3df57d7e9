import { checkSeries } from './check-series.ts';
import { countOf } from './count.ts';
import { figuresOf, type Figures } from './figures.ts';
import type { Series } from './series.ts';
import { sumOf } from './sum.ts';

/** What was found, wrong and missed: of each entity, and of all together. */
export interface AllFigures {
  readonly entities: readonly { readonly entity: string; readonly figures: Figures }[];
  readonly total: Figures;
}

export function figuresOfAll(all: readonly Series[]): AllFigures {
  checkSeries(all);
  const counts = all.map((series) => ({ entity: series.entity, count: countOf(series) }));
  return {
    entities: counts.map(({ entity, count }) => ({ entity, figures: figuresOf(count) })),
    total: figuresOf(sumOf(counts.map(({ count }) => count))),
  };
}
