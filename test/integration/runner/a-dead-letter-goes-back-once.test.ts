import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readerOf, writerOf } from '../../../src/avro/own-types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { openFetcher, type Fetcher } from '../../../src/kafka/reader/fetcher.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { readLetters } from '../../../src/pipeline/letters.ts';
import { planRedrive, redrive } from '../../../src/pipeline/redrive.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { deadLetter, type Refusal } from '../../../src/runner/dead-letter.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { describeWith } from '../../support/describe-with.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'dead letters', ({ bootstrap }) => {
  const prefix = topicName('letters');
  const topology = topologyOf(smallText(prefix, 2, 'telemetry-block'), [copyStage({ schema: 'telemetry-block' })]);
  let log: SmallLog;
  let server: RunningRegistry;
  let fetcher: Fetcher;
  beforeAll(async () => {
    await createTopics(topology, bootstrap);
    log = openSmallLog(bootstrap);
    fetcher = openFetcher({ config: { brokers: bootstrap.split(','), clientId: 'test' } });
    server = await startRegistry({ log: memoryLog() });
  });
  afterAll(() => Promise.all([log.close(), server.close(), fetcher.close()]));

  const refuse = async (partition: number, which: readonly (readonly [offset: number, refusal: Refusal])[]) => {
    const origin = { stage: 'copy', topic: `${prefix}.in`, partition };
    const found = await log.records(origin.topic, partition);
    const letters = which.flatMap(([offset, refusal]) =>
      found.slice(offset, offset + 1).map((one) => deadLetter(one, origin, refusal)),
    );
    await openIdempotentWriter(log.cluster).write([{ topic: `${prefix}.dead`, partition, records: letters }]);
  };

  test('go back byte for byte, of a block the refused samples only, each once however often it is asked for', async () => {
    const registry = openRegistry({ url: server.url });
    const [schema] = await registerSchemas(topology, registry);
    const block = writerOf('telemetry-block', schema?.id ?? 0).encode({
      satellite_id: 'SAT-001',
      entity: 'A-1',
      timestamps: [1, 2, 3],
      indices: [7, 8, 9],
      values: Float32Array.of(1, 2, 3, 4, 5, 6),
      labels: null,
    });
    const odd = Buffer.from([9, 8, 7]);
    await log.write(`${prefix}.in`, [[odd, block], [odd]]);
    await refuse(0, [
      [0, { code: 'record-unframed', phase: 'decode', detail: 'odd' }],
      [1, { code: 'record-corrupt', phase: 'process', detail: 'samples', samples: [0, 2] }],
    ]);
    await refuse(1, [[0, { code: 'record-unframed', phase: 'decode', detail: 'odd' }]]);

    const options = { topology, fetcher, registry };
    const plan = await planRedrive({ ...options, filter: {} });
    expect([plan.letters.map(({ id }) => id), plan.overtaken.map(({ id }) => id)]).toEqual([
      ['0:0', '0:1', '1:0'],
      ['0:0'],
    ]);
    expect(await log.records(`${prefix}.in`, 0)).toHaveLength(2);

    const first = await redrive({ ...options, filter: { ids: ['0:1'] } });
    expect(first.letters.map(({ id }) => id)).toEqual(['0:1']);
    const both = await Promise.allSettled([redrive({ ...options, filter: {} }), redrive({ ...options, filter: {} })]);
    expect(both.some(({ status }) => status === 'fulfilled')).toBe(true);
    const last = await redrive({ ...options, filter: {} });
    expect([last.letters, last.before]).toEqual([[], 3]);

    const [, , cut, back, ...none] = await log.records(`${prefix}.in`, 0);
    expect(none).toEqual([]);
    expect(await readerOf(registry, ['telemetry-block']).decode(cut?.value ?? odd)).toMatchObject({
      timestamps: [1, 3],
      indices: [7, 9],
      values: Float32Array.of(1, 2, 5, 6),
    });
    expect([back?.key, back?.value, back?.headers()]).toEqual([Buffer.from('key-0'), odd, []]);
    expect((await log.records(`${prefix}.in`, 1)).map(({ value }) => value)).toEqual([odd, odd]);
    expect((await readLetters(fetcher, topology)).every(({ redriven }) => redriven)).toBe(true);
  });
});
