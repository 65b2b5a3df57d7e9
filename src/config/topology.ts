import type { Declaration, SchemaName, ToSink } from '../contract/index.ts';
import { interpret } from './interpret.ts';
import { inOrder, type Problem } from './problem.ts';
import { rules, type TopologyDraft } from './rules.ts';
import { expandSensors } from './sensors.ts';
import {
  topologyShape,
  type DeliverySettings,
  type EntitySettings,
  type FleetSettings,
  type StageSettings,
  type TopicSettings,
} from './topology-shape.ts';
import { parseYaml } from './yaml-source.ts';

/** A topology file that has no mistakes, with every default filled in and every name spelled out. Frozen. */
export interface Topology {
  readonly file: string;
  readonly name: string;
  readonly about: string | undefined;
  readonly prefix: string;
  readonly delivery: DeliverySettings;
  readonly topics: readonly Topic[];
  readonly deadLetters: Topic;
  readonly stages: readonly Stage[];
  readonly entities: readonly Entity[];
}

export interface Topic {
  /** As the file calls it; in Kafka it is `prefix` + name. */
  readonly name: string;
  readonly kafkaName: string;
  readonly about: string | undefined;
  readonly schemas: readonly SchemaName[];
  readonly partitions: number;
  readonly replication: number | undefined;
  /** Under Kafka's own names. */
  readonly config: Readonly<Record<string, string>>;
}

export interface Stage {
  readonly declaration: Declaration;
  /** The consumer group. */
  readonly group: string;
  readonly from: Topic;
  readonly to: Topic | ToSink;
  readonly checkpoints: Topic | undefined;
  readonly settings: unknown;
}

export interface Entity {
  readonly satellite: string;
  readonly name: string;
  readonly sensors: readonly string[];
  readonly model: string;
  readonly threshold: number | undefined;
}

export type TopologyResult =
  | { readonly topology: Topology; readonly problems?: never }
  | { readonly topology?: never; readonly problems: readonly Problem[] };

interface Written extends TopologyDraft {
  readonly topology: string;
  readonly about: string | undefined;
  readonly prefix: string;
  readonly partitions: number;
  readonly delivery: DeliverySettings;
  readonly topics: Readonly<Record<string, TopicSettings>>;
  readonly deadLetters: string;
  readonly stages: Readonly<Record<string, StageSettings | undefined>>;
  readonly fleet: FleetSettings;
}

/** Reads a topology file: a frozen topology, or every mistake in it at once, in the order of the lines. */
export function readTopology(
  file: string,
  text: string,
  declarations: readonly Declaration[],
  schemas: readonly string[],
): TopologyResult {
  const reading = interpret(parseYaml(file, text), topologyShape(declarations, schemas));
  const problems = [...reading.problems];
  const draft = reading.value as TopologyDraft | undefined;
  if (draft !== undefined) {
    for (const rule of rules) {
      for (const complaint of rule(draft, declarations)) {
        problems.push({ file, ...reading.placeOf(complaint.path), ...complaint });
      }
    }
  }
  if (problems.length > 0) return { problems: inOrder(problems) };
  return { topology: frozen(build(file, draft as Written, declarations)) };
}

function build(file: string, written: Written, declarations: readonly Declaration[]): Topology {
  const topics = new Map(
    Object.entries(written.topics).map(([name, topic]) => [name, buildTopic(name, topic, written)]),
  );
  // The rules have seen to it that every topic that is named is there.
  const named = (name: string) => topics.get(name) as Topic;
  const stages = declarations.flatMap((declaration): readonly Stage[] => {
    const stage = written.stages[declaration.name];
    if (stage === undefined) return [];
    const more = declaration.instances?.(stage.settings) ?? new Map<string, unknown>();
    const all = [
      [declaration.name, stage.settings],
      ...[...more].map(([of, own]) => [`${declaration.name}.${of}`, own]),
    ];
    return (all as [string, unknown][]).map(([name, settings]) => ({
      declaration: name === declaration.name ? declaration : { ...declaration, name },
      group: `${written.prefix}${written.topology}.${name}`,
      from: named(stage.from),
      to: 'sink' in declaration.writes ? declaration.writes : named(stage.to ?? ''),
      checkpoints: stage.checkpoints === undefined ? undefined : named(stage.checkpoints),
      settings,
    }));
  });
  return {
    file,
    name: written.topology,
    about: written.about,
    prefix: written.prefix,
    delivery: written.delivery,
    topics: [...topics.values()],
    deadLetters: named(written.deadLetters),
    stages,
    entities: buildEntities(written.fleet),
  };
}

const kafkaKeys = [
  'retentionMs',
  'retentionBytes',
  'segmentMs',
  'segmentBytes',
  'deleteRetentionMs',
  'minCleanableDirtyRatio',
  'minInsyncReplicas',
  'messageTimestampType',
  'maxMessageBytes',
] as const satisfies readonly (keyof TopicSettings)[];

const dotted = (key: string) => key.replace(/[A-Z]/g, (letter) => `.${letter.toLowerCase()}`);

function buildTopic(name: string, topic: TopicSettings, written: Written): Topic {
  const config: Record<string, string> = { 'cleanup.policy': topic.cleanup };
  for (const key of kafkaKeys) {
    const value = topic[key];
    if (value !== undefined) config[dotted(key)] = String(value);
  }
  return {
    name,
    kafkaName: written.prefix + name,
    about: topic.about,
    schemas: topic.schemas as readonly SchemaName[],
    partitions: topic.partitions ?? written.partitions,
    replication: topic.replication,
    config,
  };
}

function buildEntities(fleet: FleetSettings | undefined): readonly Entity[] {
  if (fleet === undefined) return [];
  return Object.entries(fleet.satellites).flatMap(([satellite, entities]) =>
    Object.entries(entities).map(([name, entity]) =>
      buildEntity(satellite, name, { ...fleet.each, ...defined(entity) }),
    ),
  );
}

const defined = (entity: EntitySettings) =>
  Object.fromEntries(Object.entries(entity).filter(([, value]) => value !== undefined)) as Partial<EntitySettings>;

function buildEntity(satellite: string, name: string, entity: EntitySettings): Entity {
  const expanded = expandSensors(entity.sensors ?? []);
  const sensors = 'names' in expanded ? expanded.names : [];
  return { satellite, name, sensors, model: entity.model ?? '', threshold: entity.threshold };
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
