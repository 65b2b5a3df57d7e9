import { readEnvironment, type Environment } from '../config/environment.ts';
import type { Problem } from '../config/problem.ts';
import type { Topology } from '../config/topology.ts';
import { loadTopology } from './topology-file.ts';

/** All that a pipeline is told from outside. */
export interface Settings {
  readonly topology: Topology;
  readonly environment: Environment;
}

export type SettingsResult =
  | { readonly settings: Settings; readonly problems?: never }
  | { readonly settings?: never; readonly problems: readonly Problem[] };

/** A topology file and the environment together: frozen settings, or every mistake in both. */
export function loadSettings(file: string, env: Readonly<Record<string, string | undefined>>): SettingsResult {
  const { topology, problems = [] } = loadTopology(file);
  const { environment, problems: others = [] } = readEnvironment(env);
  if (topology !== undefined && environment !== undefined)
    return { settings: Object.freeze({ topology, environment }) };
  return { problems: [...problems, ...others] };
}
