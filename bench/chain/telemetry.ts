import { setTimeout as delay } from 'node:timers/promises';
import { writerOf } from '../../src/avro/own-types.ts';
import { openRegistry } from '../../src/avro/registry.ts';
import { openCluster } from '../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import { openIdempotentWriter } from '../../src/kafka/writer/idempotent-writer.ts';
import { registerSchemas } from '../../src/pipeline/register-schemas.ts';
import { readShapes } from '../../src/replay/shapes.ts';
import { shaped } from '../../src/replay/shape.ts';
import { partitionOf } from '../../src/stages/ingest/murmur2.ts';
import type { Chain } from './processes.ts';

export interface Telemetry {
  /** So many samples of all entities in turn, as fast as Kafka takes them; their times end now. */
  backlog(samples: number): Promise<void>;
  /** So many a second, each with the time at which it is due. */
  paced(perSecond: number, seconds: number): Promise<void>;
  /** One sample every half second. */
  lone(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Quiet samples of all entities, a record each. */
export function openTelemetry({ topology, bootstrap, registry }: Chain): Telemetry {
  const cluster = openCluster(kafkaConfig({ brokers: bootstrap.split(','), clientId: 'bench' }));
  const writer = openIdempotentWriter(cluster);
  const topic = topology.stages[0]?.from;
  if (topic === undefined) throw new Error('no stage');
  const shapes = readShapes('topologies/smap.shapes.json');
  const entities = topology.entities.map(({ satellite, name }, at) => {
    const shape = shapes.get(name);
    if (shape === undefined) throw new Error(`no shape of ${name}`);
    const key = `${satellite}/${name}`;
    const partition = partitionOf(key, topic.partitions);
    return { satellite, name, key, partition, next: shaped(shape, at), index: 0 };
  });
  let encoder: ReturnType<typeof writerOf<'telemetry'>> | undefined;
  const ready = async () => {
    if (encoder !== undefined) return encoder;
    const schemas = await registerSchemas(topology, openRegistry({ url: registry, credentials: undefined }));
    const id = schemas.find((one) => one.topic === topic.kafkaName && one.schema === 'telemetry')?.id ?? 0;
    return (encoder = writerOf('telemetry', id));
  };
  let turn = 0;
  const values = new Float32Array(25);
  const send = async (times: readonly number[]): Promise<void> => {
    const encode = await ready();
    const partitions = Array.from({ length: topic.partitions }, (_, partition) => ({
      topic: topic.kafkaName,
      partition,
      records: [] as { key: string; value: Buffer; timestamp: number }[],
    }));
    for (const timestamp of times) {
      const entity = entities[turn++ % entities.length];
      if (entity === undefined) break;
      entity.next(values);
      const value = encode.encode({
        satellite_id: entity.satellite,
        entity: entity.name,
        timestamp,
        index: entity.index++,
        values: Array.from(values),
        labels: null,
      });
      partitions[entity.partition]?.records.push({ key: entity.key, value, timestamp });
    }
    await writer.write(partitions.filter(({ records }) => records.length > 0));
  };
  return {
    backlog: async (samples) => {
      const start = Date.now() - (samples / entities.length) * 1000;
      for (let at = 0; at < samples; at += 5_000)
        await send(
          Array.from({ length: Math.min(5_000, samples - at) }, (_, i) =>
            Math.floor(start + Math.floor((at + i) / entities.length) * 1000),
          ),
        );
    },
    paced: async (perSecond, seconds) => {
      const began = Date.now();
      let sent = 0;
      while (sent < perSecond * seconds) {
        const due = Math.min(perSecond * seconds, Math.floor(((Date.now() - began) * perSecond) / 1000));
        const times = Array.from({ length: due - sent }, (_, i) => Math.floor(began + ((sent + i) * 1000) / perSecond));
        sent = due;
        if (times.length > 0) await send(times);
        await delay(20);
      }
    },
    lone: async (count) => {
      for (let i = 0; i < count; i++) {
        await send([Date.now()]);
        await delay(500);
      }
    },
    close: () => cluster.close(),
  };
}
