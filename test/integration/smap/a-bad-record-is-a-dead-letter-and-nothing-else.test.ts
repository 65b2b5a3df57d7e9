import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writerOf } from '../../../src/avro/own-types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import type { Records } from '../../../src/contract/index.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { readLetters } from '../../../src/pipeline/letters.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { choose } from '../../../src/replay/choose.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { countOf, openReading, scoresOf, type Reading } from '../../support/smap-reading.ts';
import { seeded, seedOfRun } from '../../support/random.ts';
import { scoreHashes } from '../../support/score-hash.ts';
import { goldenScores, shapes } from '../../support/smap-golden.ts';
import { smapStages, startSmap, type SmapSystem } from '../../support/smap-system.ts';
import { topicName } from '../../support/topic-name.ts';

type Telemetry = Records['telemetry'];
const [rows, start, day] = [300, Date.UTC(2026, 0, 1), 86_400_000];
const telemetry = { generate: 'smap', seed: 2, rows, shapes };

/** What becomes of a good sample and its bytes, and the code under which it is refused. */
const kinds: readonly (readonly [string, (good: Telemetry, encode: (sample: Telemetry) => Buffer) => Buffer | null])[] =
  [
    ['record-unframed', (good, encode) => encode(good).fill(1, 0, 1)],
    ['record-unframed', () => null],
    ['record-corrupt', (good, encode) => encode(good).subarray(0, -3)],
    ['record-corrupt', (good, encode) => Buffer.concat([encode(good), Buffer.from([0])])],
    // An array that says it has 2^40 values, in nine bytes.
    [
      'record-corrupt',
      (good, encode) => Buffer.concat([encode(good).subarray(0, 5), Buffer.from('02410241000080808080808040', 'hex')]),
    ],
    ['schema-unknown', (good, encode) => encode(good).fill(9, 1, 3)],
    ['telemetry-invalid', (good, encode) => encode({ ...good, values: good.values.map(() => NaN) })],
    ['telemetry-invalid', (good, encode) => encode({ ...good, values: [...good.values.slice(1), -Infinity] })],
    ['telemetry-invalid', (good, encode) => encode({ ...good, values: good.values.slice(1) })],
    ['telemetry-invalid', (good, encode) => encode({ ...good, values: [...good.values, 0] })],
    ['telemetry-invalid', (good, encode) => encode({ ...good, timestamp: Date.now() + 400 * day })],
    ['entity-unknown', (good, encode) => encode({ ...good, entity: 'X'.repeat(800_000) })],
    ['sample-late', (good, encode) => encode({ ...good, index: (good.index ?? 0) - 280 })],
  ];

describeWith('kafka', 'bad records among good ones', ({ bootstrap }) => {
  let [system, reading]: [SmapSystem?, Reading?] = [];
  beforeAll(async () => {
    system = await startSmap({ bootstrap, prefix: topicName('bad') });
    reading = openReading(bootstrap);
    system.start(smapStages);
  }, 30_000);
  afterAll(() => Promise.all([system?.close(), reading?.close()]));

  test('each kind is refused under its code, and all others are scored as if these had never been', async () => {
    if (system === undefined || reading === undefined) throw new Error('nothing runs');
    const { topology, registry } = system;
    const { chosen } = await choose({ topology, telemetry, names: [], faults: [] });
    const topic = `${topology.prefix}smap-telemetry`;
    const schemas = await registerSchemas(topology, openRegistry({ url: registry, credentials: undefined }));
    const id = schemas.find((one) => one.topic === topic && one.schema === 'telemetry')?.id ?? 0;
    const encode = (sample: Telemetry): Buffer => writerOf('telemetry', id).encode(sample);
    const random = seeded(seedOfRun());
    const writer = openIdempotentWriter(reading.cluster);
    const expected = new Map<string, number>();
    for (const [at, { entity, source }] of chosen.entries()) {
      const { values } = await source.read(0, rows);
      const records = Array.from({ length: rows }, (_, index) => {
        const good: Telemetry = {
          satellite_id: entity.satellite,
          entity: entity.name,
          timestamp: start + index * 30_000,
          index,
          values: [...values.subarray(index * 25, index * 25 + 25)],
          labels: null,
        };
        // Three in a hundred, of each kind in turn; at the end, where there is something to be late for.
        const kind = index >= 290 ? kinds[(at * 10 + index) % kinds.length] : undefined;
        if (kind === undefined) return [encode(good)];
        expected.set(kind[0], (expected.get(kind[0]) ?? 0) + 1);
        const both = [encode(good), kind[1](good, encode)];
        return random() < 0.5 || kind[0] === 'sample-late' ? both : both.reverse();
      }).flat();
      const timestamp = Date.now();
      const batch = records.map((value) => ({ key: `${entity.satellite}/${entity.name}`, value, timestamp }));
      // Large ones do not fit into one request.
      for (let from = 0; from < batch.length; from += 290 / 10)
        await writer.write([{ topic, partition: at % 4, records: batch.slice(from, from + 290 / 10) }]);
    }
    const all = chosen.length * rows;
    const { fetcher } = reading;
    await eventually('all is scored', async () => countOf(await scoresOf(topology, registry, fetcher)) >= all, 30_000);
    const total = [...expected.values()].reduce((sum, count) => sum + count, 0);
    await eventually('all is refused', async () => (await readLetters(fetcher, topology)).length >= total);
    const found = new Map<string, number>();
    for (const { code } of await readLetters(fetcher, topology)) found.set(code, (found.get(code) ?? 0) + 1);
    expect(new Map([...found].sort())).toEqual(new Map([...expected].sort()));
    const golden = await goldenScores({ start, intervalMs: 30_000, rows, telemetry });
    expect(scoreHashes(await scoresOf(topology, registry, fetcher))).toEqual(scoreHashes(golden));
    expect(system.processes).toHaveLength(1);
  }, 90_000);
});
