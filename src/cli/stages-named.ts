import { didYouMean } from '../config/closest.ts';
import type { Stage, Topology } from '../config/topology.ts';

/** The instances that the models of these names have for themselves; or which have none. */
export function stagesOfModels(
  { file, stages }: Topology,
  models: readonly string[],
): { readonly stages: readonly Stage[] } | { readonly wrong: readonly string[] } {
  const of = (model: string) => stages.filter(({ declaration: { name } }) => name.endsWith(`.${model}`));
  const wrong = models
    .filter((model) => of(model).length === 0)
    .map((model) => `--only-model ${model}: ${file} gives it no instances of its own; write \`apart: true\` under it`);
  return wrong.length > 0 ? { wrong } : { stages: models.flatMap(of) };
}

/** The stages of these names, all where none is named; or what is wrong with the names. */
export function stagesNamed(
  { file, stages }: Topology,
  names: readonly string[],
): { readonly stages: readonly Stage[] } | { readonly wrong: readonly string[] } {
  const there = stages.map(({ declaration }) => declaration.name);
  const wrong = names
    .filter((name) => !there.includes(name))
    .map((name) => `--stage ${name}: ${file} has no such stage; ${didYouMean(name, there)}`);
  if (wrong.length > 0) return { wrong };
  return { stages: names.length === 0 ? stages : stages.filter(({ declaration }) => names.includes(declaration.name)) };
}
