import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Broker } from '../../src/embedded/broker/broker.ts';
import { headAt, marker } from '../../src/embedded/broker/log/batch.ts';
import { defaults, type Settings } from '../../src/embedded/broker/settings.ts';
import { openTopics } from '../../src/embedded/broker/topics/topics.ts';
import type { WritableCodec } from '../../src/kafka/records/codecs.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';

/** Of a broker, what APIs need that only deal with topics; they are in a folder of their own. */
export function someTopics(settings: Partial<Settings> = {}): { broker: Broker; remove: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-topics-'));
  const topics = openTopics({ folder, durable: false, note: () => undefined });
  const broker = {
    settings: { ...defaults, ...settings, folder },
    node: { id: 1, host: 'here', port: 9092 },
    clusterId: 'cluster',
    topics,
    groups: { forgetTopic: () => Promise.resolve() },
  } as unknown as Broker;
  const remove = async (): Promise<void> => {
    await topics.close();
    rmSync(folder, { recursive: true });
  };
  return { broker, remove };
}

interface Of {
  readonly codec?: WritableCodec;
  readonly value?: string | Buffer;
  /** Of a transaction. */
  readonly producer?: number;
}

/** A batch with a record for each time. */
export function put(
  { topics }: Broker,
  topic: string,
  times: readonly number[],
  { codec = 'none', value = 'v', producer }: Of = {},
): void {
  const records = times.map((timestamp) => ({ key: 'k', value, timestamp }));
  const bytes = encodeBatch(records, {
    producerId: BigInt(producer ?? -1),
    producerEpoch: producer === undefined ? -1 : 0,
    baseSequence: producer === undefined ? -1 : 0,
    transactional: producer !== undefined,
    codec,
  });
  append(topics, topic, bytes);
}

export const commit = ({ topics }: Broker, topic: string, producer: number): void =>
  append(topics, topic, marker(producer, 0, true, 1));

function append(topics: Broker['topics'], topic: string, bytes: Buffer): void {
  const head = headAt(bytes, 0);
  if (head === undefined) throw new Error('no batch');
  topics.log(topic, 0).append(bytes, [head]);
}
