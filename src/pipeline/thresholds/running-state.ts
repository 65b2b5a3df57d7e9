import { keyOfEntity } from '../../config/entities-named.ts';
import type { Entity, Topology } from '../../config/topology.ts';
import { beginAnew } from '../../stages/detect/detector.ts';
import { settingsFor } from '../../stages/detect/settings.ts';
import { detectIn } from '../train-detector.ts';

/** What the change is to a detect that has learned already. */
export function ofRunningState(before: Topology, after: Topology, entities: readonly Entity[]): readonly string[] {
  const [old, fresh] = [detectIn(before).settings, detectIn(after).settings];
  const anew = new Map<string, string[]>();
  for (const entity of entities) {
    const key = keyOfEntity(entity);
    const rules = beginAnew(settingsFor(fresh, key), settingsFor(old, key)).join(', ');
    if (rules !== '') anew.set(rules, [...(anew.get(rules) ?? []), key]);
  }
  return [
    'detect takes it with its next start, from where it stands: what was judged stays judged, and an open anomaly stays open',
    ...(anew.size === 0 ? ['what its rules have learned stays'] : []),
    ...[...anew].map(
      ([rules, keys]) =>
        `what these have learned is of no use to them, and they begin anew: ${rules} (${keys.join(', ')})`,
    ),
  ];
}
