import { readerOf, writerOf } from '../avro/own-types.ts';
import type { Registry } from '../avro/registry.ts';
import type { Entity, Stage, Topic } from '../config/topology.ts';
import type { Declaration, Definition, Inference, Lane, Ports, SchemaName } from '../contract/index.ts';
import { DownlinkError } from '../errors.ts';
import type { Checkpoints, Sink, ToTopic, Wiring } from '../runner/wiring.ts';
import type { RegisteredSchema } from './register-schemas.ts';

export interface WiringParts {
  /** What stages do, by their names; a mere declaration cannot run. */
  readonly definitions: readonly Declaration[];
  /** How many partitions each topic has, by Kafka's name for it. */
  readonly partitions: ReadonlyMap<string, number>;
  readonly schemas: readonly RegisteredSchema[];
  readonly entities: readonly Entity[];
  /** Needed where a topic has schemas. */
  readonly registry: Registry | undefined;
  /** The way to the program outside Kafka that a stage writes to, by the stage's name. */
  readonly sinks?: ReadonlyMap<string, Sink<unknown>>;
  /** Needed by the stages that say so. */
  readonly inference?: Inference | undefined;
}

/** The stages with their names and their bytes. */
export function wiringsOf(stages: readonly Stage[], deadLetters: Topic, parts: WiringParts): readonly Wiring[] {
  return stages.map((stage) => wiringOf(stage, deadLetters, parts));
}

/** What a stage does; refused where this version of downlink has only its declaration. */
export function definitionOf({ declaration: { name } }: Stage, definitions: readonly Declaration[]): Definition {
  const [stage] = name.split('.');
  const found = definitions.find((one) => one.name === stage);
  if (found !== undefined && 'open' in found) return found as Definition;
  throw new DownlinkError('config-invalid', `stage ${name} cannot run yet in this version`);
}

function wiringOf(stage: Stage, deadLetters: Topic, parts: WiringParts): Wiring {
  const { declaration, group, from, to, checkpoints, settings } = stage;
  const definition = definitionOf(stage, parts.definitions);
  const count = countOf(parts);
  const ports: Ports = { inference: () => needed(parts.inference, 'DOWNLINK_TRITON', 'an inference server') };
  const fleet = new Map(parts.entities.map((entity) => [`${entity.satellite}/${entity.name}`, entity]));
  return {
    name: declaration.name,
    group,
    from: {
      ...{ topic: from.kafkaName, decode: decoderOf(from, parts) },
      ...(declaration.readsLetters === true ? { empty: null } : {}),
    },
    to: 'sink' in to ? sinkOf(stage, to.sink, parts) : toTopic(stage, to, parts),
    checkpoints: checkpoints && checkpointsOf(stage, checkpoints, parts),
    gather: declaration.gather?.(settings),
    deadLetters: { topic: deadLetters.kafkaName, partitions: count(deadLetters) },
    open: (lane: Omit<Lane<never, unknown>, 'settings' | 'fleet' | 'ports' | 'source'>) => {
      // What the lane would read and write were settled for the partitions that there were when it was started.
      if (lane.partition >= count(from)) throw grown(from.kafkaName, count(from), lane.partition + 1);
      return definition.open({ ...lane, source: from.kafkaName, settings, fleet, ports });
    },
  };
}

/** Partitions came or went while stages ran: keys, state and outputs are where the old number put them. */
export const grown = (topic: string, before: number, now: number): DownlinkError =>
  new DownlinkError(
    'config-invalid',
    `${topic} had ${before} partitions at the start and has ${now} now, and what is written was settled for ${before}; ` +
      'see `downlink topics plan`, give all topics of the path the same number, and start anew',
  );

const countOf = ({ partitions }: WiringParts) => {
  return ({ kafkaName }: Topic): number => partitions.get(kafkaName) ?? 0;
};

const asItIs = (bytes: Buffer): Buffer => bytes;

function decoderOf({ schemas }: Pick<Topic, 'schemas'>, { registry }: WiringParts): (bytes: Buffer) => unknown {
  if (schemas.length === 0) return asItIs;
  const reader = readerOf(needed(registry, 'DOWNLINK_REGISTRY', 'a schema registry'), schemas);
  return (bytes) => reader.decode(bytes);
}

function toTopic({ declaration: { name, writes } }: Stage, to: Topic, parts: WiringParts): ToTopic<unknown> {
  const place = { topic: to.kafkaName, partitions: countOf(parts)(to) };
  if ('schema' in writes) return { ...place, encode: encoderOf(to, writes.schema, parts) };
  const encode = (value: unknown): Buffer => {
    if (Buffer.isBuffer(value)) return value;
    throw new DownlinkError('record-unencodable', `stage ${name}: ${to.kafkaName} carries bytes, not ${typeof value}`);
  };
  return { ...place, encode };
}

function checkpointsOf({ declaration }: Stage, topic: Topic, parts: WiringParts): Checkpoints<unknown> {
  const schema = declaration.checkpoint;
  if (schema === undefined) throw new TypeError(`stage ${declaration.name} keeps no state`);
  const decode = decoderOf({ schemas: [schema] }, parts);
  return { topic: topic.kafkaName, decode, encode: encoderOf(topic, schema, parts) };
}

function encoderOf(topic: Topic, schema: SchemaName, { schemas }: WiringParts): (value: unknown) => Buffer {
  const found = schemas.find((one) => one.topic === topic.kafkaName && one.schema === schema);
  if (found === undefined) throw new TypeError(`${schema} is not registered for ${topic.kafkaName}`);
  const writer = writerOf(schema, found.id) as { encode(value: unknown): Buffer };
  return (value) => writer.encode(value);
}

function sinkOf({ declaration: { name } }: Stage, sink: string, { sinks }: WiringParts): Sink<unknown> {
  const found = sinks?.get(name);
  if (found !== undefined) return found;
  throw new DownlinkError('config-invalid', `stage ${name} cannot run yet in this version: nothing writes to ${sink}`);
}

function needed<T>(found: T | undefined, variable: string, what: string): T {
  if (found !== undefined) return found;
  throw new DownlinkError('config-invalid', `environment: ${variable}: missing; set it to ${what}`);
}
