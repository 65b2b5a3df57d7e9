import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readerOf, writerOf } from '../../../src/avro/own-types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import type { ModelMetadata, Records } from '../../../src/contract/index.ts';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { openInference } from '../../../src/inference/inference.ts';
import { openCluster } from '../../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../../src/kafka/connection.ts';
import { openFetcher } from '../../../src/kafka/reader/fetcher.ts';
import { read } from '../../../src/kafka/reader/read.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { declarations } from '../../../src/pipeline/declarations.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { runTopology, type RunningTopology } from '../../../src/pipeline/run-topology.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { startServer, type ServerProcess } from '../../contract/inference/server-process.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { freePorts } from '../../support/free-port.ts';
import { openInferReplay, telemetry } from '../../support/infer-replay.ts';
import { scoreHashes } from '../../support/score-hash.ts';
import { createTopics, settingsOf, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const repository = join(root, 'model_repository');
const fleet = JSON.parse(readFileSync(join(repository, 'smap_fleet', 'metadata.json'), 'utf8')) as ModelMetadata;
const each = 60;

describeWith('kafka', 'telemetry through ingest, batch and infer on a real Kafka', ({ bootstrap }) => {
  const prefix = `${topicName('scores')}-`;
  const text = readFileSync(join(root, 'topologies', 'smap-54.yaml'), 'utf8').replace(
    'prefix: all-',
    `prefix: ${prefix}`,
  );
  const topology = topologyOf(text, declarations);
  const stages = topology.stages.filter(({ declaration }) => declaration.name !== 'export');
  const config = kafkaConfig({ brokers: bootstrap.split(','), clientId: 'scores' });
  const cluster = openCluster(config);
  const fetcher = openFetcher({ config });
  const failures: unknown[] = [];
  let registry: RunningRegistry;
  let server: ServerProcess;
  let port = 0;

  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    server = await startInference();
    registry = await startRegistry({ log: memoryLog() });
    await createTopics(topology, bootstrap);
  }, 30_000);
  afterAll(() => Promise.all([server.stop(), registry.close(), cluster.close(), fetcher.close()]));

  const startInference = () =>
    startServer(repository, [
      '--grpc-port',
      `${port}`,
      '--model-control-mode',
      'explicit',
      '--load-model',
      'smap_fleet',
    ]);
  const run = async (): Promise<RunningTopology> => {
    const settings = settingsOf(topology, bootstrap, registry.url);
    const triton = { addresses: [`127.0.0.1:${port}`], tls: undefined, headers: new Map<string, never>() };
    const running = await runTopology({
      settings: { ...settings, environment: { ...settings.environment, triton } },
      stages,
      definitions: declarations,
      emit: () => undefined,
      onFailure: (error) => failures.push(error),
    });
    if (running === undefined) throw new Error('nothing runs');
    return running;
  };

  /** As users send it: a sample a record, keyed by the entity. */
  const send = async (samples: readonly Records['samples'][]): Promise<void> => {
    const schemas = await registerSchemas(topology, openRegistry({ url: registry.url, credentials: undefined }));
    const topic = `${prefix}smap-telemetry`;
    const encoder = writerOf(
      'telemetry',
      schemas.find((one) => one.topic === topic && one.schema === 'telemetry')?.id ?? 0,
    );
    const records = samples.flatMap(({ satellite_id, entity, timestamps, indices, values }) =>
      timestamps.map((timestamp, at) => ({
        key: `${satellite_id}/${entity}`,
        timestamp,
        value: encoder.encode({
          satellite_id,
          entity,
          timestamp,
          index: indices?.[at] ?? null,
          values: [...values.subarray(at * 25, at * 25 + 25)],
          labels: null,
        }),
      })),
    );
    await openIdempotentWriter(cluster, {}).write([{ topic, partition: 0, records }]);
  };
  const scored = async (): Promise<readonly Records['scores'][]> => {
    const reader = readerOf(openRegistry({ url: registry.url, credentials: undefined }), ['scores']);
    const found: Records['scores'][] = [];
    const topic = topology.topics.find(({ name }) => name === 'smap-inference-results');
    for (let partition = 0; partition < (topic?.partitions ?? 0); partition++)
      for await (const { value } of read(fetcher, { topic: topic?.kafkaName ?? '', partition }))
        if (value !== null) found.push(await reader.decode(value));
    return found;
  };
  const count = (records: readonly Records['scores'][]) =>
    records.reduce((sum, { indices }) => sum + indices.length, 0);

  test('each sample has the score of the undisturbed run, though stages and inference server die on the way', async () => {
    const entities = topology.entities.map(({ satellite, name }) => `${satellite}/${name}`);
    const all = [...telemetry(entities, { seed: 3, samples: each, cut: () => 4 })];
    const inference = openInference({ addresses: [`127.0.0.1:${port}`], metadata: new Map([['smap_fleet', fleet]]) });
    const golden = await openInferReplay(inference);
    for (const samples of all) await golden.put(samples);
    await golden.driver.settle();
    inference.close();

    let running = await run();
    const third = Math.floor(all.length / 3);
    await send(all.slice(0, third));
    await eventually('some are scored', async () => count(await scored()) > 500, 20_000);
    await server.stop();
    await send(all.slice(third, 2 * third));
    server = await startInference();
    await running.stop();
    running = await run();
    await send(all.slice(2 * third));
    await eventually('all are scored', async () => count(await scored()) >= 54 * each, 30_000);
    await running.stop();
    const found = await scored();
    expect(count(found)).toBe(54 * each);
    expect(scoreHashes(found)).toEqual(scoreHashes(await golden.scores()));
    expect(failures).toEqual([]);
  }, 90_000);
});
