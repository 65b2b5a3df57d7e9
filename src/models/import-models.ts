import { refused } from './refused.ts';
import { modelFiles, type ModelFiles } from './repository.ts';
import type { Trained } from './trained.ts';

/** A model of its own for each entity, and where a fleet is named one more with all of them. Nothing is written here. */
export function importModels(
  trained: readonly Trained[],
  { prefix, fleet }: { readonly prefix: string; readonly fleet?: string },
): ReadonlyMap<string, ModelFiles> {
  const models = new Map<string, ModelFiles>();
  for (const one of trained) {
    const name = prefix + one.entity;
    if (models.has(name)) throw refused(`two checkpoints of the entity ${one.entity}`);
    models.set(name, modelFiles(name, 'single', [one]));
  }
  if (fleet === undefined) return models;
  if (models.has(fleet)) throw refused(`${fleet} is the name of an entity's model too`);
  return models.set(fleet, modelFiles(fleet, 'fleet', trained));
}
