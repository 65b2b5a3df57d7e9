import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { writerOf } from '../../../src/avro/own-types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import type { Records } from '../../../src/contract/index.ts';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { openCluster } from '../../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../../src/kafka/connection.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { declarations } from '../../../src/pipeline/declarations.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { runTopology, type RunningTopology } from '../../../src/pipeline/run-topology.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { createTopics, settingsOf, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';
import { exported, startVictoria, type Victoria } from '../../support/victoria.ts';

const began = Date.UTC(2024, 0, 1);
const partitions = 2;
const entities = ['A', 'B', 'C', 'D'];

describeWith('kafka', 'scores from a real Kafka', ({ bootstrap }) => {
  describeWith('victoriaProgram', 'into a real VictoriaMetrics', ({ file }) => exporting(bootstrap, file));
});

function exporting(bootstrap: string, file: string): void {
  const events = declaredEvents();
  const satellite = `S-${randomBytes(3).toString('hex')}`;
  const topology = topologyOf(
    `topology: exporting
prefix: ${topicName('export')}.
partitions: ${partitions}
topics: { scores: { schemas: [scores] }, dead: {} }
deadLetters: dead
stages: { export: { from: scores } }
fleet:
  each: { sensors: [volt, amp], model: m }
  satellites: { ${satellite}: { ${entities.map((name) => `${name}: {}`).join(', ')} } }
`,
    declarations,
  );
  const cluster = openCluster(kafkaConfig({ brokers: bootstrap.split(','), clientId: 'exporting' }));
  const admin = quietKafka(bootstrap).admin();
  const failures: unknown[] = [];
  let registry: RunningRegistry;
  let victoria: Victoria;
  let running: RunningTopology | undefined;
  let sent = 0;

  beforeAll(async () => {
    victoria = await startVictoria(file);
    registry = await startRegistry({ log: memoryLog() });
    await createTopics(topology, bootstrap);
    await admin.connect();
    running = await start();
  }, 60_000);
  afterAll(async () => {
    await running?.stop();
    await Promise.all([victoria.stop(), registry.close(), cluster.close(), admin.disconnect()]);
  });

  const start = async (): Promise<RunningTopology | undefined> => {
    const settings = settingsOf(topology, bootstrap, registry.url);
    return await runTopology({
      settings: { ...settings, environment: { ...settings.environment, victoria: victoria.url } },
      definitions: declarations,
      emit: events.emit,
      onFailure: (error) => failures.push(error),
    });
  };
  /** So many samples of each entity, in records of four. */
  const send = async (samples: number): Promise<void> => {
    const schemas = await registerSchemas(topology, openRegistry({ url: registry.url, credentials: undefined }));
    const encoder = writerOf('scores', schemas[0]?.id ?? 0);
    const topic = topology.topics.find(({ name }) => name === 'scores')?.kafkaName ?? '';
    const batches = Array.from({ length: partitions }, (_, partition) => {
      const records = entities
        .filter((__, at) => at % partitions === partition)
        .flatMap((entity) =>
          Array.from({ length: samples / 4 }, (__, record) => ({
            key: `${satellite}/${entity}`,
            timestamp: began,
            value: encoder.encode(scores(satellite, entity, sent + 4 * record)),
          })),
        );
      return { topic, partition, records };
    });
    await openIdempotentWriter(cluster, {}).write(batches);
    sent += samples;
  };
  const points = () => exported(victoria.url, `{satellite_id="${satellite}"}`);
  const allIsCommitted = (): Promise<unknown> =>
    eventually(
      `all is committed; ${String(failures)}`,
      async () => (await committed()) === (sent / 4) * entities.length,
      20_000,
    );
  const committed = async (): Promise<number> => {
    const stage = topology.stages[0];
    const [topic] = await admin.fetchOffsets({ groupId: stage?.group ?? '', topics: [stage?.from.kafkaName ?? ''] });
    return (topic?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  };
  /** Of each series as many values as were sent, in order, each once, with its own value. */
  const expectAll = async (): Promise<void> => {
    const found = await points();
    expect(found.size).toBe(entities.length * (2 + 2 * 3));
    for (const [name, series] of found) {
      expect([name, series.map(({ timestamp }) => timestamp)]).toEqual([
        name,
        Array.from({ length: sent }, (_, sample) => began + 1000 * sample),
      ]);
    }
    const volts = [...found].find(([name]) => name.startsWith('smap_sensor_value{') && /\bA\b.*volt/.test(name))?.[1];
    expect(volts?.map(({ value }) => value)).toEqual(Array.from({ length: sent }, (_, sample) => sample + 0.5));
  };

  test('each value of each sample is there, and its offset is committed', async () => {
    await send(40);
    await allIsCommitted();
    await expectAll();
  }, 40_000);

  test('while the server is away nothing is committed, and when it is back nothing is missing, what it forgot neither', async () => {
    events.declare('retrying', 'sink-restarted');
    await send(400);
    await allIsCommitted();
    const before = await committed();
    await victoria.kill();
    await send(400);
    await eventually('each lane has tried', () =>
      [0, 1].every((lane) => events.of('retrying').filter(({ partition }) => partition === lane).length >= 3),
    );
    expect(await committed()).toBe(before);
    expect(events.of('retrying').map(({ error }) => error.code)).not.toContain('unclassified');
    await victoria.start();
    await allIsCommitted();
    await expectAll();
    expect(events.of('sink-restarted')).toHaveLength(1);
  }, 60_000);

  test('the exporter and VictoriaMetrics die within the same seconds: what was committed and forgotten is written again', async () => {
    let forgotten = 0;
    for (let round = 0; round < 3; round++) {
      await send(40);
      await allIsCommitted();
      await running?.stop();
      await victoria.kill();
      await victoria.start();
      // Not in each round: every five seconds all goes to its disk.
      const left = [...(await points()).values()].reduce((sum, series) => sum + series.length, 0);
      forgotten += entities.length * (2 + 2 * 3) * sent - left;
      running = await start();
      const isThere = () =>
        expectAll().then(
          () => true,
          () => false,
        );
      await eventually('it is all there', isThere, 20_000);
      expect(await committed()).toBe((sent / 4) * entities.length);
    }
    expect(forgotten).toBeGreaterThan(0);
  }, 60_000);

  test('another exporter goes on where the first has stopped', async () => {
    await running?.stop();
    await send(40);
    running = await start();
    await allIsCommitted();
    await expectAll();
    expect(failures).toEqual([]);
  }, 60_000);
}

function scores(satellite: string, entity: string, first: number): Records['scores'] {
  const samples = [0, 1, 2, 3];
  return {
    satellite_id: satellite,
    entity,
    model: 'm',
    model_version: '1',
    weights: 'w',
    indices: samples.map((sample) => first + sample),
    timestamps: samples.map((sample) => began + 1000 * (first + sample)),
    values: Float32Array.from(samples.flatMap((sample) => [first + sample + 0.5, 1])),
    normalised: new Float32Array(8).fill(0.5),
    reconstruction: new Float32Array(8).fill(0.25),
    score: new Float32Array(4).fill(0.0625),
    threshold: 1,
    detected: samples.map(() => false),
    warming: samples.map(() => false),
    gap: samples.map(() => false),
  };
}
