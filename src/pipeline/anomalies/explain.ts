import { keyOfEntity } from '../../config/entities-named.ts';
import type { Topology } from '../../config/topology.ts';
import type { Settings } from '../../stages/detect/settings.ts';
import { compare, type Explanation } from './compare.ts';
import { scoresBetween, whyGone, type ReadingScores } from './scores-between.ts';
import { keyOf, type Anomaly } from './told.ts';

/** Reads the scores of an anomaly back, judges them once more by the topology's settings, and compares. */
export async function explain(
  recorded: readonly [Anomaly, ...Anomaly[]],
  { file, stages, entities }: Topology,
  reading: ReadingScores,
): Promise<Explanation> {
  const last = recorded.at(-1) ?? recorded[0];
  const stage = stages.find(({ declaration }) => declaration.name === 'detect');
  if (stage === undefined) return { cannot: `${file} has no stage detect, by whose settings it is computed` };
  const entity = entities.find((one) => keyOfEntity(one) === keyOf(last));
  if (entity === undefined) return { cannot: `the fleet of ${file} has no ${keyOf(last)}` };
  const gone = await whyGone(reading.fetcher, last);
  if (gone !== undefined) return { cannot: gone };
  return compare(recorded, {
    entity,
    settings: stage.settings as Settings,
    records: () => scoresBetween(reading, last),
  });
}
