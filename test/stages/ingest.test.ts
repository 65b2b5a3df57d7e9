import { noPorts } from '../support/no-ports.ts';
import { describe, expect, test } from '@jest/globals';
import type { FleetEntity, Incoming, Outcome, Records } from '../../src/contract/index.ts';
import { ingest } from '../../src/stages/ingest/index.ts';
import { partitionOf } from '../../src/stages/ingest/murmur2.ts';
import { seeded, seedOfRun } from '../support/random.ts';

type Telemetry = Records['telemetry'] | Records['telemetry-block'];
type Samples = Records['samples'];

const partitions = 5;
const settings = { maxAgeDays: 1, maxAheadSeconds: 60 };
const dayMs = 86_400_000;
const now = Date.UTC(2026, 0, 10);

/** No two alike in how many sensors they have: the topology alone says how many values a sample needs. */
const widths: Readonly<Record<string, number>> = { 'SAT-1/A': 1, 'SAT-1/B': 3, 'SAT-2/A': 7, 'SAT-2/Ω': 40 };
const fleet = new Map<string, FleetEntity>(
  Object.entries(widths).map(([key, width]) => {
    const [satellite = '', name = ''] = key.split('/');
    const sensors = Array.from({ length: width }, (_, i) => `s${i}`);
    return [key, { satellite, name, sensors, model: 'm', threshold: undefined }];
  }),
);
const lane = {
  settings,
  partition: 0,
  partitions,
  opening: 'o',
  source: 't',
  fleet,
  restored: new Map<string, never>(),
  ports: noPorts,
};

async function process(...values: readonly Telemetry[]): Promise<Outcome<Samples, never>> {
  const records = values.map((value, i): Incoming<Telemetry> => ({
    key: null,
    value,
    offset: BigInt(i),
    timestamp: now,
  }));
  return ingest.open(lane).process({ records, behind: 0n }, new AbortController().signal);
}

const telemetry = (more: Partial<Records['telemetry']> = {}): Records['telemetry'] => ({
  satellite_id: 'SAT-1',
  entity: 'B',
  timestamp: now,
  index: 0,
  values: [1, 2, 3],
  labels: null,
  ...more,
});
const block = (more: Partial<Records['telemetry-block']> = {}): Records['telemetry-block'] => ({
  satellite_id: 'SAT-1',
  entity: 'B',
  timestamps: [now, now, now],
  indices: [0, 1, 2],
  values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
  labels: null,
  ...more,
});

test('what comes of an entity in one batch leaves as one record, in the partition of its key', async () => {
  const { send, reject } = await process(telemetry(), telemetry({ entity: 'A', values: [9] }), block());
  expect(reject).toEqual([]);
  expect(send).toEqual([
    {
      key: 'SAT-1/B',
      partition: partitionOf('SAT-1/B', partitions),
      value: {
        satellite_id: 'SAT-1',
        entity: 'B',
        timestamps: [now, now, now, now],
        indices: [0, 0, 1, 2],
        values: Float32Array.of(1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9),
      },
    },
    {
      key: 'SAT-1/A',
      partition: partitionOf('SAT-1/A', partitions),
      value: { satellite_id: 'SAT-1', entity: 'A', timestamps: [now], indices: [0], values: Float32Array.of(9) },
    },
  ]);
});

test('numbered and unnumbered samples stay apart, in their order', async () => {
  const given = [telemetry(), telemetry({ index: null }), block({ indices: null }), telemetry({ index: 5 })];
  const { send } = await process(...given);
  expect(send.map(({ value }) => [value.indices, value.timestamps.length])).toEqual([
    [[0], 1],
    [null, 4],
    [[5], 1],
  ]);
});

describe('what is refused says why', () => {
  test.each<readonly [Telemetry, string]>([
    [telemetry({ entity: 'C' }), 'entity-unknown: satellite SAT-1 has no entity C'],
    [telemetry({ satellite_id: 'SAT-3' }), 'entity-unknown: there is no satellite SAT-3 (entity B)'],
    [telemetry({ values: [1] }), 'telemetry-invalid: 1 values, where 1 × 3 sensors need 3'],
    [telemetry({ values: [1, 2, NaN] }), 'telemetry-invalid: sample 0: s2 is NaN'],
    [telemetry({ values: [-Infinity, 2, NaN] }), 'telemetry-invalid: sample 0: s0 is -Infinity, s2 is NaN'],
    [telemetry({ values: [NaN, NaN, Infinity] }), 'telemetry-invalid: sample 0: s0..s1 are NaN, s2 is Infinity'],
    [telemetry({ index: -3 }), 'telemetry-invalid: sample 0: its index is -3'],
    [
      telemetry({ timestamp: now - dayMs - 1 }),
      'telemetry-invalid: sample 0: its time 2026-01-08T23:59:59.999Z is more than 1 days before it came',
    ],
    [
      telemetry({ timestamp: now + 60_001, index: -1 }),
      'telemetry-invalid: sample 0: its time 2026-01-10T00:01:00.001Z is more than 60 s after it came, its index is -1',
    ],
    // A time that no calendar has is printed as it is.
    [
      telemetry({ timestamp: 9e15 }),
      'telemetry-invalid: sample 0: its time 9000000000000000 is more than 60 s after it came',
    ],
    [block({ timestamps: [], indices: [], values: new Float32Array() }), 'telemetry-invalid: it holds no sample'],
    [
      block({ indices: [1], values: new Float32Array(8) }),
      'telemetry-invalid: 8 values, where 3 × 3 sensors need 9; 1 indices for 3 samples',
    ],
    [block({ values: new Float32Array(9).fill(NaN) }), 'telemetry-invalid: samples 0..2: s0..s2 are NaN'],
  ])('%j', async (value, says) => {
    const { send, reject } = await process(telemetry(), value, telemetry());
    expect(reject).toEqual([{ record: 1, code: expect.any(String), detail: expect.any(String) }]);
    expect(reject?.map(({ code, detail }) => `${code}: ${detail}`)).toEqual([says]);
    expect(send.map(({ value: { timestamps } }) => timestamps.length)).toEqual([2]);
  });

  test('the oldest and the newest time that are let in', async () => {
    const bounds = [now - dayMs, now + 60_000].map((timestamp) => telemetry({ timestamp }));
    expect((await process(...bounds)).reject).toEqual([]);
  });

  test('of a block only some samples, and the others go on', async () => {
    const values = Float32Array.of(1, 2, 3, 4, NaN, 6, 7, 8, 9);
    const { send, reject } = await process(block({ values, timestamps: [now, now, now + 1] }));
    expect(reject).toEqual([{ record: 0, samples: [1], code: 'telemetry-invalid', detail: 'sample 1: s1 is NaN' }]);
    expect(send.map(({ value }) => value)).toEqual([
      expect.objectContaining({
        timestamps: [now, now + 1],
        indices: [0, 2],
        values: Float32Array.of(1, 2, 3, 7, 8, 9),
      }),
    ]);
  });
});

/** A sample as text, so that what went in and what came out can be told apart. */
const unrolled = ({ satellite_id, entity, timestamps, indices, values }: Samples): readonly string[] => {
  const width = values.length / timestamps.length;
  return timestamps.map((at, i) =>
    [satellite_id, entity, at, indices?.[i] ?? '-', ...values.subarray(i * width, (i + 1) * width)].join(' '),
  );
};

describe('samples in = samples out and refused samples, each once, in the order of each entity', () => {
  const random = seeded(seedOfRun());
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const below = (n: number) => Math.floor(random() * n);

  interface Planted {
    readonly value: Telemetry;
    /** As they have to come out, and the places of those that must not; all of them where the record is refused whole. */
    readonly samples: readonly string[];
    readonly bad: readonly number[] | 'whole';
  }

  function plant(): Planted {
    const key = random() < 0.05 ? 'SAT-1/Z' : pick([...fleet.keys()]);
    const [satellite_id = '', entity = ''] = key.split('/');
    const width = widths[key] ?? 2;
    const single = random() < 0.5;
    const count = single ? 1 : below(6);
    const timestamps = Array.from({ length: count }, () => now - below(1000));
    const indices = random() < 0.7 ? Array.from({ length: count }, () => below(1e9)) : null;
    const values = Float32Array.from({ length: count * width }, () => random());
    const bad = new Set<number>();
    for (let i = 0; i < count; i++) {
      if (random() > 0.2) continue;
      bad.add(i);
      const fault = below(indices === null ? 3 : 4);
      if (fault === 0) timestamps[i] = now + 60_001 + below(1e9);
      if (fault === 1) timestamps[i] = now - dayMs - 1 - below(1e9);
      if (fault === 2) values[i * width + below(width)] = pick([NaN, Infinity, -Infinity]);
      if (fault === 3 && indices !== null) indices[i] = -1 - below(10);
    }
    const misshapen = random() < 0.05;
    const held = misshapen ? Float32Array.from([...values, 1]) : values;
    const whole = misshapen || count === 0 || !fleet.has(key) || bad.size === count;
    const value: Telemetry = single
      ? telemetry({
          satellite_id,
          entity,
          timestamp: timestamps[0] ?? 0,
          index: indices?.[0] ?? null,
          values: [...held],
        })
      : block({ satellite_id, entity, timestamps, indices, values: held });
    const samples = unrolled({ satellite_id, entity, timestamps, indices, values });
    return { value, samples, bad: whole ? 'whole' : [...bad] };
  }

  test('1,000 random batches', async () => {
    for (let round = 0; round < 1_000; round++) {
      const planted = Array.from({ length: 1 + below(20) }, plant);
      const { send, reject = [] } = await process(...planted.map(({ value }) => value));

      const refused = planted.flatMap(({ bad }, record) =>
        bad === 'whole' ? [{ record }] : bad.length > 0 ? [{ record, samples: bad }] : [],
      );
      expect(reject.map(({ record, samples }) => (samples ? { record, samples } : { record }))).toEqual(refused);

      const accepted = planted.flatMap(({ samples, bad }) =>
        bad === 'whole' ? [] : samples.filter((_, i) => !bad.includes(i)),
      );
      const out = send.flatMap(({ value }) => unrolled(value));
      expect(out).toHaveLength(accepted.length);
      for (const key of fleet.keys()) {
        const ofIt = `${key.replace('/', ' ')} `;
        const own = (samples: readonly string[]) => samples.filter((sample) => sample.startsWith(ofIt));
        expect(own(out)).toEqual(own(accepted));
      }
      // As few records as there are changes between numbered and not.
      for (const { key, partition, value } of send) {
        expect([key, partition]).toEqual([`${value.satellite_id}/${value.entity}`, partitionOf(key, partitions)]);
        expect(value.indices === null || value.indices.length === value.timestamps.length).toBe(true);
      }
      for (const key of fleet.keys()) {
        const numbered = send.filter((one) => one.key === key).map(({ value }) => value.indices !== null);
        expect(numbered.some((one, i) => i > 0 && one === numbered[i - 1])).toBe(false);
      }
    }
  });
});
