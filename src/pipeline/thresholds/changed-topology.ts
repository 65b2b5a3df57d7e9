import { keyOfEntity } from '../../config/entities-named.ts';
import { setInYaml } from '../../config/set-in-yaml.ts';
import type { Problem } from '../../config/problem.ts';
import type { Entity, Topology } from '../../config/topology.ts';
import { settingsFor } from '../../stages/detect/settings.ts';
import { topologyFrom } from '../topology-file.ts';
import { detectIn } from '../train-detector.ts';
import type { Assignment } from './assignments.ts';

/** A setting of detect, for all entities or for one. */
export interface SettingChange {
  /** As in the file. */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

export interface ChangedTopology {
  readonly topology: Topology;
  /** The file, changed. */
  readonly text: string;
  readonly changes: readonly SettingChange[];
  readonly problems?: never;
}

/**
 * A topology whose detect has other settings: what is planned is read from the very text that would be applied, and has
 * passed all the checks of a topology file.
 */
export function changedTopology(
  topology: Topology,
  text: string,
  assignments: readonly Assignment[],
  /** For these only; undefined: for all that have no setting of their own. */
  entities: readonly Entity[] | undefined,
): ChangedTopology | { readonly topology?: never; readonly problems: readonly Problem[] } {
  const { settings } = detectIn(topology);
  const keys = entities?.map(keyOfEntity) ?? [undefined];
  const changes: SettingChange[] = [];
  let changed = text;
  for (const key of keys) {
    const now = (key === undefined ? settings : settingsFor(settings, key)) as Readonly<Record<string, unknown>>;
    for (const { key: name, value } of assignments) {
      const path = ['stages', 'detect', 'settings', ...(key === undefined ? [] : ['entities', key]), name];
      changed = setInYaml(topology.file, changed, path, value);
      changes.push({ path: path.join('.'), from: now[name], to: value });
    }
  }
  const { topology: next, problems } = topologyFrom(topology.file, changed);
  return next === undefined ? { problems } : { topology: next, text: changed, changes };
}
