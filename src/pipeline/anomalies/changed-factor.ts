import type { Sight } from '../../stages/detect/observe.ts';
import type { SeenRow } from './recompute.ts';
import type { Anomaly } from './told.ts';

/** A setting of a rule that may have been another. */
export interface ChangedFactor {
  readonly setting: Sight['setting'];
  readonly then: number;
  readonly now: number;
}

/**
 * The factor that the rule had which opened an anomaly, where it has another one now. The row in which it began tells: up to
 * there nothing depends on the factor, and a severity is what the rule saw by its factor. With other scores it tells nonsense.
 */
export function changedFactor(
  { rules, sentence, severity, begin_index }: Anomaly,
  seen: readonly SeenRow[],
): ChangedFactor | undefined {
  const [rule, ...others] = rules;
  // Of several rules only one says how severe it was.
  if (others.length > 0) return undefined;
  const { sights = [] } = seen.find(({ index }) => index === begin_index) ?? {};
  const sight = sights.find((one) => one.rule === rule && sentence.startsWith(`${one.sensor} `));
  if (sight?.ratio === undefined) return undefined;
  // As a person has written it.
  const then = Number((sight.ratio / severity).toPrecision(12));
  return then === sight.factor ? undefined : { setting: sight.setting, then, now: sight.factor };
}
