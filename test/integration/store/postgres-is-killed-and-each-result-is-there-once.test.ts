import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writerOf } from '../../../src/avro/own-types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { openCluster, type Cluster } from '../../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../../src/kafka/connection.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { declarations } from '../../../src/pipeline/declarations.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { runTopology, type RunningTopology } from '../../../src/pipeline/run-topology.ts';
import { deadLetter } from '../../../src/runner/dead-letter.ts';
import type { PostgresAddress } from '../../../src/sinks/postgres/pool.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { startEmbeddedKafka, type EmbeddedKafka } from '../../support/embedded-kafka.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { validRecords } from '../../support/samples.ts';
import { createTopics, settingsOf, topologyOf } from '../../support/small-topology.ts';

const [partitions, each] = [2, 1_000];

const topology = topologyOf(
  `topology: storing
partitions: ${partitions}
topics: { results: { schemas: [job-result] }, dead: {} }
deadLetters: dead
delivery: { commitIntervalMs: 20, maxRecords: 20 }
stages: { store-results: { from: results, settings: { retentionDays: 0 } }, store-letters: { from: dead } }
`,
  declarations,
);

describeWith('postgresProgram', 'results from Kafka in a real PostgreSQL', ({ folder }) => {
  const events = declaredEvents();
  const failures: unknown[] = [];
  let postgres: Postgres;
  let address: PostgresAddress;
  let kafka: EmbeddedKafka;
  let registry: RunningRegistry;
  let cluster: Cluster;
  let running: RunningTopology | undefined;
  beforeAll(async () => {
    [postgres, kafka, registry] = await Promise.all([
      startPostgres(folder),
      startEmbeddedKafka(),
      startRegistry({ log: memoryLog() }),
    ]);
    address = await postgres.database('killed');
    cluster = openCluster(kafkaConfig({ brokers: [kafka.bootstrap], clientId: 'storing' }));
    await createTopics(topology, kafka.bootstrap);
    running = await start();
  }, 60_000);
  afterAll(async () => {
    await running?.stop();
    await cluster.close();
    await Promise.all([postgres.stop(), registry.close(), kafka.stop()]);
  }, 30_000);

  const start = async (): Promise<RunningTopology | undefined> => {
    const settings = settingsOf(topology, kafka.bootstrap, registry.url);
    const { username, password, ...where } = address;
    const own = { ...where, username, password, tls: undefined } as never;
    return await runTopology({
      settings: { ...settings, environment: { ...settings.environment, postgres: own } },
      definitions: declarations,
      emit: events.emit,
      onFailure: (error) => failures.push(error),
    });
  };
  const idOf = (partition: number, at: number): string => `job-${partition}-${at}`;
  const send = async (from: number, to: number): Promise<void> => {
    const schemas = await registerSchemas(topology, openRegistry({ url: registry.url, credentials: undefined }));
    const encoder = writerOf('job-result', schemas[0]?.id ?? 0);
    const batches = Array.from({ length: partitions }, (_, partition) => ({
      ...{ topic: 'results', partition },
      records: Array.from({ length: to - from }, (__, i) => {
        const id = idOf(partition, from + i);
        const timestamp = Date.now();
        return { key: id, timestamp, value: encoder.encode({ ...validRecords['job-result'], id }) };
      }),
    }));
    await openIdempotentWriter(cluster, {}).write(batches);
  };
  const query = <R extends object>(sql: string): Promise<readonly R[]> => postgres.query<R>(address, sql);
  const count = async (): Promise<number> =>
    (await query<{ count: number }>('select count(*)::integer as count from inference_results'))[0]?.count ?? 0;
  const committed = async (topic: string): Promise<readonly string[]> => {
    const admin = quietKafka(kafka.bootstrap).admin();
    await admin.connect();
    const groupId = topology.stages.find(({ from }) => from.name === topic)?.group ?? '';
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    await admin.disconnect();
    return (found?.partitions ?? []).toSorted((a, b) => a.partition - b.partition).map(({ offset }) => offset);
  };

  test('killed twice in the middle of them: each is there once, and the positions agree', async () => {
    events.declare('retrying', 'sink-warning');
    await send(0, each / 2);
    for (const least of [100, 700]) {
      await eventually('some are there', async () => (await count()) >= least, 30_000);
      await postgres.kill();
      const before = events.of('retrying').length;
      if (least === 100) await send(each / 2, each);
      await eventually('each lane has tried', () => events.of('retrying').length >= before + partitions);
      await postgres.start();
    }
    await eventually('all are there', async () => (await count()) === partitions * each, 30_000);
    const ids = (await query<{ id: string }>('select id from inference_results')).map(({ id }) => id);
    const sent = Array.from({ length: partitions * each }, (_, i) => idOf(i % partitions, Math.floor(i / partitions)));
    expect(ids.sort()).toEqual(sent.sort());
    const ends = Array.from({ length: partitions }, () => String(each));
    await eventually('all is committed', async () => (await committed('results')).join() === ends.join());
    const stored = await query<{ next_offset: string }>(
      `select next_offset from positions where topic = 'results' order by partition`,
    );
    expect(stored.map(({ next_offset }) => next_offset)).toEqual(ends);
    expect(new Set(events.of('retrying').map(({ error }) => error.code))).toEqual(new Set(['postgres-unavailable']));
    expect(failures).toEqual([]);
  }, 90_000);

  test('set back to the beginning, the stage passes over what is there', async () => {
    events.declare('sink-warning');
    await running?.stop();
    const admin = quietKafka(kafka.bootstrap).admin();
    await admin.connect();
    const groupId = topology.stages.find(({ from }) => from.name === 'results')?.group ?? '';
    await admin.setOffsets({
      ...{ groupId, topic: 'results' },
      partitions: [0, 1].map((partition) => ({ partition, offset: '0' })),
    });
    await admin.disconnect();
    running = await start();
    await eventually('it has read them again', async () => (await committed('results')).join() === '1000,1000', 30_000);
    expect(await count()).toBe(partitions * each);
    expect(events.of('sink-warning').map(({ what }) => what)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^results\/0 is written up to 1000/)]),
    );
  }, 60_000);

  test('letters come with their reason, those without a value too, and none comes back', async () => {
    const timestamp = Date.now();
    const record = { offset: 7n, timestamp, key: Buffer.from('k'), headers: () => [] };
    const origin = { stage: 'predict', topic: 'jobs', partition: 1 };
    const letters = [Buffer.from('odd'), null].map((value) =>
      deadLetter({ ...record, value } as never, origin, { code: 'record-unframed', phase: 'decode', detail: 'no' }),
    );
    await openIdempotentWriter(cluster, {}).write([{ topic: 'dead', partition: 0, records: letters }]);
    const read = () =>
      query<object>(
        `select value, code, origin_topic, origin_partition, origin_offset, detail from dead_letters order by record_offset`,
      );
    await eventually('both are there', async () => (await read()).length >= 2);
    const said = {
      code: 'record-unframed',
      origin_topic: 'jobs',
      origin_partition: 1,
      origin_offset: '7',
      detail: 'no',
    };
    await eventually('both are committed', async () => (await committed('dead'))[0] === '2');
    expect(await read()).toEqual([
      { value: Buffer.from('odd'), ...said },
      { value: null, ...said },
    ]);
  }, 30_000);
});
