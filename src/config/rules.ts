import type { Declaration, SchemaName } from '../contract/index.ts';
import { didYouMean } from './closest.ts';
import { expandSensors } from './sensors.ts';
import type { EntitySettings, FleetSettings, StageSettings, TopicSettings } from './topology-shape.ts';

/** A topology file as far as it could be read: what was wrong by itself is undefined. */
export type Draft<T> = T extends (...args: never) => unknown
  ? T
  : T extends object
    ? { readonly [K in keyof T]: Draft<T[K]> | undefined }
    : T;

export interface TopologyDraft {
  readonly topology: string | undefined;
  readonly prefix: string | undefined;
  readonly partitions: number | undefined;
  readonly topics: Readonly<Record<string, Draft<TopicSettings> | undefined>> | undefined;
  readonly deadLetters: string | undefined;
  readonly stages: Readonly<Record<string, Draft<StageSettings> | undefined>> | undefined;
  readonly fleet: Draft<FleetSettings> | undefined;
}

/** What is wrong between parts that are right by themselves. */
export interface Complaint {
  readonly path: string;
  readonly what: string;
  readonly remedy: string;
}

type Rule = (draft: TopologyDraft, declarations: readonly Declaration[]) => Iterable<Complaint>;

const topicUses = ['from', 'to', 'checkpoints'] as const;

function* uses(draft: TopologyDraft, declarations: readonly Declaration[]) {
  for (const declaration of declarations) {
    const stage = draft.stages?.[declaration.name];
    if (stage === undefined) continue;
    for (const use of topicUses) {
      const name = stage[use];
      if (name === undefined) continue;
      yield {
        declaration,
        stage,
        use,
        name,
        path: `stages.${declaration.name}.${use}`,
        topic: topicNamed(draft, name),
      };
    }
  }
}

const topicNamed = (draft: TopologyDraft, name: string) =>
  draft.topics && Object.hasOwn(draft.topics, name) ? draft.topics[name] : undefined;

const partitionsOf = (draft: TopologyDraft, topic: Draft<TopicSettings> | undefined) =>
  topic?.partitions ?? draft.partitions;

function* topicsExist(draft: TopologyDraft, declarations: readonly Declaration[]): Iterable<Complaint> {
  if (draft.topics === undefined) return;
  const names = Object.keys(draft.topics);
  const used = [...uses(draft, declarations)].map(({ name, path }) => ({ name, path }));
  if (draft.deadLetters !== undefined) used.push({ name: draft.deadLetters, path: 'deadLetters' });
  for (const { name, path } of used) {
    if (names.includes(name)) continue;
    yield { path, what: `there is no topic \`${name}\``, remedy: didYouMean(name, names) };
  }
}

function* topicsCarryWhatStagesNeed(draft: TopologyDraft, declarations: readonly Declaration[]): Iterable<Complaint> {
  for (const { declaration, use, name, path, topic } of uses(draft, declarations)) {
    const carried = topic?.schemas;
    if (name === draft.deadLetters || !Array.isArray(carried) || carried.includes(undefined)) continue;
    const { reads, writes, checkpoint } = declaration;
    const written = 'schema' in writes ? [writes.schema] : [];
    const needed = use === 'from' ? reads : use === 'to' ? written : checkpoint === undefined ? [] : [checkpoint];
    // A reader has to know all that can come; a writer's schema only has to be among what the topic carries.
    const known = (schema: SchemaName) => carried.includes(schema);
    const fits =
      needed.length === 0 || carried.length === 0
        ? needed.length === carried.length
        : use === 'from'
          ? carried.every((schema) => needed.includes(schema as never))
          : needed.every(known);
    if (fits) continue;
    const verb = use === 'from' ? 'reads' : 'writes';
    const inWords = (schemas: readonly unknown[], or: string) => (schemas.length === 0 ? 'bytes' : schemas.join(or));
    yield {
      path,
      what: `${declaration.name} ${verb} ${inWords(needed, ' or ')}, but \`${name}\` carries ${inWords(carried, ', ')}`,
      remedy: 'name another topic, or change its schemas',
    };
  }
}

function* partitionsMatch(draft: TopologyDraft, declarations: readonly Declaration[]): Iterable<Complaint> {
  for (const { declaration, stage, use, name, path, topic } of uses(draft, declarations)) {
    if (use === 'from' || (use === 'to' && declaration.rekeys) || stage.from === undefined || topic === undefined)
      continue;
    const source = topicNamed(draft, stage.from);
    const [here, there] = [partitionsOf(draft, topic), partitionsOf(draft, source)];
    if (source === undefined || here === undefined || there === undefined || here === there) continue;
    yield {
      path,
      what: `\`${name}\` has ${here} partitions and \`${stage.from}\` has ${there}, but ${declaration.name} keeps the partition of what it reads`,
      remedy: `give both the same number`,
    };
  }
}

function* checkpointTopicsAreKept(draft: TopologyDraft, declarations: readonly Declaration[]): Iterable<Complaint> {
  const owners = new Map<string, string>();
  for (const { declaration, use, name, path, topic } of uses(draft, declarations)) {
    if (use !== 'checkpoints') continue;
    if (topic?.cleanup === 'delete') {
      const what = `\`${name}\` keeps state, but its records go by age`;
      yield { path, what, remedy: `write \`cleanup: compact\` under topics.${name}` };
    }
    const owner = owners.get(name);
    if (owner !== undefined) {
      yield {
        path,
        what: `\`${name}\` already keeps the state of ${owner}`,
        remedy: 'give each stage a topic of its own',
      };
    }
    owners.set(name, declaration.name);
  }
}

function* ageGoesWithDelete(draft: TopologyDraft): Iterable<Complaint> {
  for (const [name, topic] of Object.entries(draft.topics ?? {})) {
    if (topic?.cleanup !== 'compact') continue;
    for (const key of ['retentionMs', 'retentionBytes'] as const) {
      if (topic[key] === undefined) continue;
      const what = 'has no effect on a compacted topic';
      yield { path: `topics.${name}.${key}`, what, remedy: 'take it away, or write `cleanup: delete`' };
    }
  }
}

function* nothingRunsInCircles(draft: TopologyDraft, declarations: readonly Declaration[]): Iterable<Complaint> {
  const next = new Map<string, string[]>();
  for (const { stage, use, name } of uses(draft, declarations)) {
    if (use === 'to' && stage.from !== undefined) next.set(stage.from, [...(next.get(stage.from) ?? []), name]);
  }
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
    (next.get(from) ?? []).some((to) => to === goal || (!seen.has(to) && reaches(to, goal, seen.add(to))));
  for (const { stage, use, name, path } of uses(draft, declarations)) {
    if (use !== 'to' || stage.from === undefined || (name !== stage.from && !reaches(name, stage.from))) continue;
    yield {
      path,
      what: `what is written to \`${name}\` comes back to \`${stage.from}\``,
      remedy: 'write to a topic further on',
    };
  }
}

function* deadLettersAreBytes(draft: TopologyDraft, declarations: readonly Declaration[]): Iterable<Complaint> {
  const name = draft.deadLetters;
  if (name === undefined) return;
  const schemas = topicNamed(draft, name)?.schemas;
  if (Array.isArray(schemas) && schemas.length > 0) {
    const what = 'dead letters are the rejected bytes as they were, they have no schema';
    yield { path: `topics.${name}.schemas`, what, remedy: 'take the schemas away' };
  }
  for (const use of uses(draft, declarations)) {
    const { declaration } = use;
    const isLetters = use.name === name;
    if (use.use === 'from' && declaration.readsLetters === true && !isLetters) {
      const what = `${declaration.name} reads dead letters, and \`${use.name}\` is not their topic`;
      yield { path: use.path, what, remedy: `write \`${name}\`` };
    }
    if (!isLetters || (use.use === 'from' && declaration.readsLetters === true)) continue;
    yield { path: use.path, what: `\`${name}\` is the topic of dead letters`, remedy: 'name another topic' };
  }
}

function* someStageRuns(draft: TopologyDraft, declarations: readonly Declaration[]): Iterable<Complaint> {
  if (draft.stages === undefined) return;
  const written = declarations.filter(({ name }) => draft.stages?.[name] !== undefined);
  if (written.length === 0) {
    const names = declarations.map(({ name }) => name).join(', ');
    yield { path: 'stages', what: 'no stage would run', remedy: `write one or more of ${names}` };
  }
  const needy = written.find(({ knowsFleet }) => knowsFleet);
  if (needy !== undefined && draft.fleet === undefined) {
    const what = `${needy.name} has to know the fleet, and there is none`;
    yield { path: `stages.${needy.name}`, what, remedy: 'write `fleet:` with satellites and their entities' };
  }
}

function* entitiesAreComplete(draft: TopologyDraft): Iterable<Complaint> {
  const each: Draft<EntitySettings> | undefined = draft.fleet?.each;
  yield* sensorsExpand(each, 'fleet.each');
  for (const [satellite, entities] of Object.entries(draft.fleet?.satellites ?? {})) {
    for (const [name, entity] of Object.entries(entities ?? {})) {
      const path = `fleet.satellites.${satellite}.${name}`;
      if (entity === undefined || each === undefined) continue;
      yield* sensorsExpand(entity, path);
      for (const key of ['sensors', 'model'] as const) {
        if (entity[key] !== undefined || each[key] !== undefined) continue;
        yield { path, what: `has no ${key}`, remedy: `write \`${key}:\` here, or for all under fleet.each` };
      }
    }
  }
}

function* sensorsExpand(entity: Draft<EntitySettings> | undefined, path: string): Iterable<Complaint> {
  const written = entity?.sensors;
  if (!Array.isArray(written) || written.includes(undefined)) return;
  const expanded = expandSensors(written as readonly string[]);
  if ('what' in expanded) yield { path: `${path}.sensors`, ...expanded };
}

export const rules: readonly Rule[] = [
  topicsExist,
  topicsCarryWhatStagesNeed,
  partitionsMatch,
  checkpointTopicsAreKept,
  ageGoesWithDelete,
  nothingRunsInCircles,
  deadLettersAreBytes,
  someStageRuns,
  entitiesAreComplete,
];
