import { noPorts } from '../support/no-ports.ts';
import { describe, expect, test } from '@jest/globals';
import type { Incoming, Records } from '../../src/contract/index.ts';
import { batch } from '../../src/stages/batch/index.ts';
import { seeded, seedOfRun } from '../support/random.ts';

type Samples = Records['samples'];

const settings = { maxSamples: 4, maxBacklogSamples: 10 };

async function process(values: readonly Samples[], behind = 0n): Promise<readonly Samples[]> {
  const lane = {
    partition: 0,
    partitions: 1,
    opening: 'o',
    source: 't',
    fleet: new Map(),
    restored: new Map<string, never>(),
    ports: noPorts,
  };
  const records = values.map((value, i): Incoming<Samples> => ({ key: null, value, offset: BigInt(i), timestamp: 0 }));
  const stage = batch.open({ ...lane, settings });
  const { send, reject, checkpoint } = await stage.process({ records, behind }, new AbortController().signal);
  expect([reject, checkpoint]).toEqual([undefined, undefined]);
  // All other stages keep the partition of what they read.
  const astray = ({ key, value, partition }: (typeof send)[number]) =>
    key !== `${value.satellite_id}/${value.entity}` || partition !== undefined;
  expect(send.filter(astray)).toEqual([]);
  return send.map(({ value }) => value);
}

/** So many samples of two sensors, the first of them with this index. */
const samples = (first: number, count: number, more: Partial<Samples> = {}): Samples => ({
  satellite_id: 'SAT-1',
  entity: 'A',
  timestamps: Array.from({ length: count }, (_, i) => 1_000 * (first + i)),
  indices: Array.from({ length: count }, (_, i) => first + i),
  values: Float32Array.from({ length: 2 * count }, (_, i) => 2 * first + i),
  ...more,
});

test('short records are joined, and long ones cut', async () => {
  expect(await process([samples(0, 1), samples(1, 2)])).toEqual([samples(0, 3)]);
  expect(await process([samples(0, 9)])).toEqual([samples(0, 4), samples(4, 4), samples(8, 1)]);
  expect(await process([samples(0, 3), samples(3, 3)])).toEqual([samples(0, 4), samples(4, 2)]);
});

test('a record that fits is handed on as it is', async () => {
  const one = samples(0, 4);
  expect((await process([one]))[0]).toBe(one);
});

test('while it is behind, records are larger', async () => {
  expect(await process([samples(0, 11)], 1n)).toEqual([samples(0, 10), samples(10, 1)]);
});

test('entities are joined each for itself, in the order in which they came', async () => {
  const b = { entity: 'B' };
  expect(await process([samples(0, 1), samples(7, 1, b), samples(1, 1), samples(8, 1, b)])).toEqual([
    samples(0, 2),
    samples(7, 2, b),
  ]);
});

test('numbered and unnumbered samples stay apart, and so do samples of different widths', async () => {
  const unnumbered = samples(1, 1, { indices: null });
  const wider = samples(2, 1, { values: Float32Array.of(1, 2, 3) });
  const given = [samples(0, 1), unnumbered, wider, samples(3, 1)];
  expect(await process(given)).toEqual(given);
});

test('a record without samples leaves nothing behind', async () => {
  expect(await process([samples(0, 0)])).toEqual([]);
  expect(await process([samples(0, 1), samples(1, 0), samples(1, 1)])).toEqual([samples(0, 2)]);
});

describe('a pure fold', () => {
  const random = seeded(seedOfRun());
  const below = (n: number) => Math.floor(random() * n);

  const given = (): Samples => {
    const width = 1 + below(2);
    const count = below(7);
    return samples(below(1e6), count, {
      entity: `E-${below(3)}`,
      values: Float32Array.from({ length: count * width }, () => random()),
      ...(random() < 0.3 ? { indices: null } : {}),
    });
  };

  const sortOf = ({ entity, indices, values, timestamps }: Samples) =>
    `${entity} ${indices === null} ${values.length / timestamps.length}`;
  const unrolled = (one: Samples) =>
    one.timestamps.map((at, i) => {
      const width = one.values.length / one.timestamps.length;
      return [sortOf(one), at, one.indices?.[i] ?? '-', ...one.values.subarray(i * width, (i + 1) * width)].join(' ');
    });

  /** As few as can be: of neighbours that may be joined, as many as their samples need. */
  function fewest(records: readonly Samples[], most: number): number {
    const runs: { sort: string; count: number }[] = [];
    for (const one of records) {
      const last = runs.at(-1);
      if (last?.sort === sortOf(one)) last.count += one.timestamps.length;
      else runs.push({ sort: sortOf(one), count: one.timestamps.length });
    }
    return runs.reduce((sum, { count }) => sum + Math.ceil(count / most), 0);
  }

  test('1,000 random batches: the same samples, in order, in the fewest records, none over the maximum', async () => {
    for (let round = 0; round < 1_000; round++) {
      const records = Array.from({ length: 1 + below(20) }, given);
      const before = structuredClone(records);
      const behind = BigInt(below(2));
      const most = behind > 0n ? settings.maxBacklogSamples : settings.maxSamples;
      const out = await process(records, behind);
      expect(await process(records, behind)).toEqual(out);
      expect(records).toEqual(before);
      for (const entity of ['E-0', 'E-1', 'E-2']) {
        const own = (all: readonly Samples[]) =>
          all.filter((one) => one.entity === entity && one.timestamps.length > 0);
        expect(own(out).flatMap(unrolled)).toEqual(own(records).flatMap(unrolled));
        expect(own(out)).toHaveLength(fewest(own(records), most));
      }
      expect(out.filter(({ timestamps }) => timestamps.length > most || timestamps.length === 0)).toEqual([]);
    }
  });
});
