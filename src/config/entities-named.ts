import { closest } from './closest.ts';
import type { Entity, Topology } from './topology.ts';

/** As records are keyed. */
export const keyOfEntity = ({ satellite, name }: Entity): string => `${satellite}/${name}`;

/** The entities of these names, as `A-1` or `SAT-001/A-1`, all where none is named; or what is wrong with the names. */
export function entitiesNamed(
  { file, entities }: Topology,
  names: readonly string[],
): { readonly entities: readonly Entity[] } | { readonly wrong: readonly string[] } {
  if (names.length === 0) return { entities };
  const isNamed = (entity: Entity) => names.includes(entity.name) || names.includes(keyOfEntity(entity));
  const keys = entities.map(keyOfEntity);
  const known = new Set([...keys, ...entities.map(({ name }) => name)]);
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return { entities: entities.filter(isNamed) };
  const it = keys.length === 0 ? 'it has no fleet' : `it has ${keys.join(', ')}`;
  return {
    wrong: unknown.map((name) => {
      const meant = closest(name, [...known]);
      return `--entity ${name}: ${file} has no such entity; ${meant === undefined ? '' : `did you mean \`${meant}\`? `}${it}`;
    }),
  };
}
