import { headerBytes, writeHeader } from '../../avro/framing.ts';
import { readerOf, writerOf } from '../../avro/own-types.ts';
import type { Registry } from '../../avro/registry.ts';
import type { Topology } from '../../config/topology.ts';
import type { SchemaName } from '../../contract/index.ts';
import { classify } from '../../errors.ts';
import { letterHeaders } from '../../runner/dead-letter.ts';
import { openDriver, type DrivenRecord, type Driver } from '../../runner/driver.ts';
import { defaultLimits } from '../../runner/run-stage.ts';
import type { Wiring } from '../../runner/wiring.ts';
import { declarations } from '../declarations.ts';
import { registerSchemas, type RegisteredSchema } from '../register-schemas.ts';
import { wiringsOf } from '../wirings.ts';
import type { Case } from './cases-file.ts';
import { letterDifferences, recordDifferences, type CameLetter, type CameRecord } from './differences.ts';
import { memoryRegistry } from './memory-registry.ts';
import { runnable } from './roles.ts';
import type { Content, Sending } from './sending.ts';

/** Runs cases, each on stages that have seen nothing before. */
export interface Bench {
  /** What came otherwise than expected; nothing where the case holds. */
  run(one: Case): Promise<readonly string[]>;
}

interface Parts {
  readonly topology: Topology;
  readonly registry: Registry;
  readonly schemas: readonly RegisteredSchema[];
  readonly wirings: readonly Wiring[];
}

/** The stages of a topology with everything but Kafka and the registry as it is when they run. */
export async function openBench(topology: Topology): Promise<Bench> {
  const registry = memoryRegistry();
  const partitions = new Map(topology.topics.map((topic) => [topic.kafkaName, topic.partitions]));
  const schemas = await registerSchemas(topology, registry);
  const wirings = wiringsOf(runnable(topology), topology.deadLetters, {
    definitions: declarations,
    partitions,
    schemas,
    entities: topology.entities,
    registry,
  });
  const parts = { topology, registry, schemas, wirings };
  return {
    run: async (one) => {
      const driver = openDriver({
        wirings: wirings as readonly never[],
        partitionsOf: (topic) => partitions.get(topic) ?? 0,
        limits: { ...defaultLimits, ...one.gather },
      });
      try {
        await sendAll(driver, one.send, parts);
      } catch (thrown) {
        return [`the stages stopped: ${classify(thrown).message}`];
      }
      return found(driver, one, parts);
    },
  };
}

async function sendAll(driver: Driver, sendings: readonly Sending[], parts: Parts): Promise<void> {
  let together: Promise<void>[] = [];
  for (const { afterMs, topic, partition, key, timestamp, content } of sendings) {
    if (afterMs > 0) {
      await Promise.all(together);
      together = [];
      await driver.advance(afterMs);
    }
    const value = bytesOf(content, topic.kafkaName, parts);
    together.push(driver.put(topic.kafkaName, partition, { key, value, timestamp }));
  }
  await Promise.all(together);
  await driver.settle();
}

function bytesOf(content: Content, topic: string, { schemas }: Parts): Buffer | null {
  const idOf = (name: SchemaName): number =>
    schemas.find(({ schema, topic: carrying }) => schema === name && carrying === topic)?.id ?? 0;
  if ('value' in content) {
    const writer = writerOf(content.schema, idOf(content.schema)) as { encode(value: unknown): Buffer };
    return writer.encode(content.value);
  }
  if (content.schema === undefined || content.bytes === null) return content.bytes;
  const header = Buffer.alloc(headerBytes);
  writeHeader(header, idOf(content.schema));
  return Buffer.concat([header, content.bytes]);
}

async function found(driver: Driver, one: Case, { topology, registry }: Parts): Promise<readonly string[]> {
  const all: string[] = [];
  for (const { topic, schema, records } of one.expect) {
    const reader = schema && readerOf(registry, [schema]);
    const came: CameRecord[] = [];
    for (const record of driver.records(topic.kafkaName)) {
      const { partition, timestamp, value: bytes } = record;
      const value = reader === undefined || bytes === null ? bytes : await reader.decode(bytes);
      came.push({ key: record.keyText(), partition, timestamp, value, bytes });
    }
    all.push(...recordDifferences(topic.name, records, came));
  }
  const letters = driver.records(topology.deadLetters.kafkaName).map(letterIn);
  return [...all, ...letterDifferences(one.deadLetters, letters)];
}

function letterIn(record: DrivenRecord): CameLetter {
  const said = new Map(record.headers().map(([name, value]) => [name, String(value)]));
  const samples = said.get(letterHeaders.samples);
  return {
    code: said.get(letterHeaders.code) ?? '',
    stage: said.get(letterHeaders.stage) ?? '',
    key: record.keyText(),
    samples: samples === undefined ? null : samples.split(',').map(Number),
    detail: said.get(letterHeaders.detail) ?? '',
  };
}
