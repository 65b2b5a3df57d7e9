import type { Records } from '../../contract/index.ts';
import type { Row } from './rules/rule.ts';

/** What the rules are shown of a sample: of each watched sensor, by its place among the `width` of the entity. */
export function rowOf(
  scores: Records['scores'],
  sample: number,
  places: readonly number[],
  width: number,
): readonly Row[] {
  const from = sample * width;
  const [gap, warming] = [scores.gap[sample] === true, scores.warming[sample] === true];
  return places.map((place) => {
    const error = Math.abs((scores.normalised[from + place] ?? NaN) - (scores.reconstruction[from + place] ?? NaN));
    return { value: scores.values[from + place] ?? NaN, error, gap, warming };
  });
}
