import type { Submission } from '../../api/shapes.ts';
import { generatedSeries, type SeriesPattern } from '../../replay/series-generator.ts';
import type { Model } from '../jobs/answers.ts';

export interface JobMaking {
  readonly models: readonly Model[];
  readonly patterns: readonly SeriesPattern[];
  readonly seed: number;
}

/** How many jobs have series of their own, before those of the next seed come. */
const perSeed = 1_000_000;

/** The same for the same number. Each model gets each pattern in turn, and series that it never learned from. */
export function madeJob({ models, patterns, seed }: JobMaking, number: number): Submission {
  const model = models[number % models.length];
  const pattern = patterns[Math.floor(number / models.length) % patterns.length];
  if (model === undefined || pattern === undefined) throw new TypeError('there is no model, or no pattern');
  const wish = { pattern, split: 'test', index: perSeed * seed + number } as const;
  const drawn = generatedSeries(wish);
  const length = Math.min(Math.max(drawn.length, model.least), model.most);
  const data = length === drawn.length ? drawn : generatedSeries({ ...wish, length });
  return { model_name: model.name, data: [...data] };
}
