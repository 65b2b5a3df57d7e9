import type { Entity, Topology } from '../config/topology.ts';
import { DownlinkError } from '../errors.ts';
import { openDataSet, type Split } from './data-set.ts';
import { withFaults, type Fault } from './faults.ts';
import { generated } from './generated.ts';
import { patterned, patterns } from './patterns.ts';
import { shaped } from './shape.ts';
import { readShapes } from './shapes.ts';
import type { Source } from './source.ts';

export interface Chosen {
  readonly entity: Entity;
  readonly source: Source;
}

/** Telemetry of a data set, or made up. */
export type Telemetry =
  | { readonly data: string; readonly split: Split }
  | { readonly generate: string; readonly seed: number; readonly rows: number; readonly shapes: string };

export interface ChooseOptions {
  readonly topology: Topology;
  readonly telemetry: Telemetry;
  /** Names as `A-1` or `SAT-001/A-1`; all that there are where none is given. */
  readonly names: readonly string[];
  readonly faults: readonly Fault[];
}

/** What can be generated. */
export const generators: readonly string[] = [...Object.keys(patterns), 'smap'];

export interface Choice {
  readonly chosen: readonly Chosen[];
  /** Of the topology, and not in the data. */
  readonly missing: readonly string[];
}

/** The entities of a topology that are to be replayed, each with its telemetry. Each has as many columns as sensors. */
export async function choose({ topology, telemetry, names, faults }: ChooseOptions): Promise<Choice> {
  const named = chosenBy(topology.entities, names);
  for (const { entity } of faults) chosenBy(named, [entity]);
  const open = 'data' in telemetry ? fromData(telemetry.data, telemetry.split) : made(telemetry, topology.entities);
  const chosen: Chosen[] = [];
  const missing: string[] = [];
  for (const entity of named) {
    const source = await open(entity);
    if (source === undefined) {
      missing.push(keyOf(entity));
      continue;
    }
    if (source.columns !== entity.sensors.length)
      throw unusable(
        `${source.from}: ${source.columns} columns, where ${keyOf(entity)} has ${entity.sensors.length} sensors in ${topology.file}`,
      );
    chosen.push({
      entity,
      source: withFaults(
        source,
        faults.filter(({ entity: name }) => isNamed(entity, name)),
      ),
    });
  }
  if (chosen.length > 0 && (names.length === 0 || missing.length === 0)) return { chosen, missing };
  throw unusable(`there is no telemetry of ${missing.join(', ')}`);
}

const unusable = (detail: string) => new DownlinkError('telemetry-unusable', detail);
const keyOf = ({ satellite, name }: Entity): string => `${satellite}/${name}`;
const isNamed = (entity: Entity, name: string): boolean => entity.name === name || keyOf(entity) === name;

function chosenBy(entities: readonly Entity[], names: readonly string[]): readonly Entity[] {
  const unknown = names.filter((name) => !entities.some((entity) => isNamed(entity, name)));
  if (unknown.length > 0)
    throw unusable(`the topology has no ${unknown.join(', ')}; it has ${entities.map(keyOf).join(', ')}`);
  return names.length === 0 ? entities : entities.filter((entity) => names.some((name) => isNamed(entity, name)));
}

function fromData(folder: string, split: Split): (entity: Entity) => Promise<Source | undefined> {
  const { entities } = openDataSet(folder, split);
  return async ({ name }) => await entities.get(name)?.();
}

type Made = Extract<Telemetry, { generate: string }>;

function made(
  { generate, seed, rows, shapes }: Made,
  all: readonly Entity[],
): (entity: Entity) => Promise<Source | undefined> {
  const known = generate === 'smap' ? readShapes(shapes) : undefined;
  // Its own numbers for each entity, whichever others are chosen.
  const seedOf = (entity: Entity): number => seed * 1_000_003 + all.indexOf(entity);
  return (entity) => {
    const from = `generated ${generate}`;
    if (known === undefined)
      return Promise.resolve(generated(from, entity.sensors.length, rows, () => patterned(generate, seedOf(entity))));
    const shape = known.get(entity.name);
    if (shape === undefined) return Promise.resolve(undefined);
    return Promise.resolve(generated(from, shape.sensors, rows, () => shaped(shape, seedOf(entity))));
  };
}
