import { describe, expect, test } from '@jest/globals';
import type { FleetEntity, Incoming, Outcome, Records } from '../../src/contract/index.ts';
import { openInfer } from '../../src/stages/infer/stage.ts';
import { openNumbers, type Order } from '../../src/stages/infer/order.ts';
import { lengthsOf } from '../../src/stages/infer/pieces.ts';
import { seeded } from '../support/random.ts';
import { openSumming, summing } from '../support/summing-model.ts';

type Samples = Records['samples'];
type Scores = Records['scores'];
type EntityState = Records['entity-state'];
type Done = Outcome<Scores, EntityState>;

const sensors = ['a', 'b'];
const names = ['A-1', 'A-2'];
const entityOf = (name: string): FleetEntity => ({ satellite: 'S', name, sensors, model: 'm', threshold: undefined });
const fleet = new Map(names.map((name) => [`S/${name}`, entityOf(name)]));
const settings = { late: 'dead-letter', warmingSamples: 0, requestTimeoutMs: 100 } as const;

function open(restored: ReadonlyMap<string, EntityState> = new Map(), more: object = {}, weights = 'w1') {
  const inference = openSumming(summing(names, 2, weights));
  const ports = { inference: () => inference };
  const lane = {
    partition: 0,
    partitions: 1,
    opening: 'o',
    source: 't',
    fleet,
    restored,
    ports,
    settings: { ...settings, ...more },
  };
  const stage = openInfer(lane);
  let offset = 0n;
  const put = async (...values: Samples[]): Promise<Done> => {
    const records = values.map((value): Incoming<Samples> => ({ key: null, value, offset: offset++, timestamp: 0 }));
    return stage.process({ records, behind: 0n }, new AbortController().signal);
  };
  return { put, inference };
}

/** One number a sample, in the first sensor. */
function samples(indices: readonly number[] | null, values: readonly number[], entity = 'A-1'): Samples {
  const timestamps = values.map((_, at) => 1_000 + (indices?.[at] ?? at));
  return {
    satellite_id: 'S',
    entity,
    timestamps,
    indices,
    values: Float32Array.from(values.flatMap((one) => [one, 0])),
  };
}

const scored = ({ send }: Done): unknown =>
  send.flatMap(({ value }) => value.indices.map((index, at) => [index, value.score[at]]));
const column = ({ send }: Done, name: 'gap' | 'warming' | 'detected'): unknown =>
  send.flatMap(({ value }) => value[name]);
const refused = ({ reject = [] }: Done): unknown =>
  reject.map(({ record, samples: some, code }) => [record, some, code]);
const stateOf = ({ checkpoint }: Done): EntityState => {
  const found = checkpoint?.get('S/A-1');
  if (found === undefined || found === null) throw new Error('no checkpoint');
  return found;
};

describe('infer', () => {
  test('goes on from the state that it left, and from a checkpoint, as if nothing had been between', async () => {
    const { put } = open();
    expect(scored(await put(samples([0, 1], [1, 2])))).toEqual([
      [0, 1],
      [1, 3],
    ]);
    const done = await put(samples([2], [4]), samples([3], [1]));
    expect(scored(done)).toEqual([
      [2, 7],
      [3, 8],
    ]);
    const { put: later } = open(new Map([['S/A-1', stateOf(done)]]));
    expect(scored(await later(samples([4], [1])))).toEqual([[4, 9]]);
    expect(stateOf(done)).toMatchObject({ steps: 4, last_index: 3, source_offset: 3, indexed_by_source: true });
  });

  test('flags a gap, drops what was scored, and refuses what comes too late', async () => {
    const { put } = open();
    const done = await put(samples([0, 1, 5], [1, 1, 1]), samples([5, 1, 3, 6], [9, 9, 9, 1]));
    expect(scored(done)).toEqual([
      [0, 1],
      [1, 2],
      [5, 3],
      [6, 4],
    ]);
    expect(column(done, 'gap')).toEqual([false, false, true, false]);
    expect(refused(done)).toEqual([[1, [2], 'sample-late']]);
    const { put: dropping } = open(new Map([['S/A-1', stateOf(done)]]), { late: 'drop' });
    expect(await dropping(samples([2], [9]))).toMatchObject({ send: [], reject: [] });
  });

  test('numbers samples that their source did not, and refuses an entity that mixes both', async () => {
    const { put } = open();
    expect(scored(await put(samples(null, [1, 1])))).toEqual([
      [0, 1],
      [1, 2],
    ]);
    const done = await put(samples(null, [1]), samples([7], [1]));
    expect(scored(done)).toEqual([[2, 3]]);
    expect(refused(done)).toEqual([[1, undefined, 'numbering-mixed']]);
  });

  test('takes out a sample whose answer is no number, however the records were cut', async () => {
    const values = [1, 1, 5_000, 1, 1, 9_000, 9_000, 1, 1, 1, 1];
    const whole = await open().put(
      samples(
        values.map((_, at) => at),
        values,
      ),
    );
    const one = open();
    const single: Done[] = [];
    for (const [at, value] of values.entries()) single.push(await one.put(samples([at], [value])));
    const expected = [
      [0, 1],
      [1, 2],
      [3, 3],
      [4, 4],
      [7, 5],
      [8, 6],
      [9, 7],
      [10, 8],
    ];
    expect(scored(whole)).toEqual(expected);
    expect(single.flatMap((done) => scored(done))).toEqual(expected);
    expect(column(whole, 'gap')).toEqual([false, false, true, false, true, false, false, false]);
    expect(single.flatMap((done) => column(done, 'gap'))).toEqual(column(whole, 'gap'));
    expect(refused(whole)).toEqual([2, 5, 6].map((at) => [0, [at], 'score-not-finite']));
  });

  test('judges what stands behind such a sample as if that had never come', async () => {
    const done = await open().put(samples([0, 5], [1, 5_000]), samples([2, 5], [1, 1]));
    expect(scored(done)).toEqual([
      [0, 1],
      [2, 2],
      [5, 3],
    ]);
    expect(refused(done)).toEqual([[0, [1], 'score-not-finite']]);
  });

  test('starts anew under other weights, warming, and scores nothing twice', async () => {
    const { put } = open();
    const before = stateOf(await put(samples([0, 1], [1, 50])));
    const { put: later } = open(new Map([['S/A-1', before]]), { warmingSamples: 2 }, 'w2');
    const done = await later(samples([1, 2, 3, 4], [9, 50, 1, 1]));
    expect(scored(done)).toEqual([
      [2, 50],
      [3, 51],
      [4, 52],
    ]);
    expect(column(done, 'warming')).toEqual([true, true, false]);
    expect(column(done, 'detected')).toEqual([false, false, true]);
  });

  test('refuses what the fleet does not have, and records of another width', async () => {
    const wide = { ...samples([0], [1]), values: new Float32Array(3) };
    const done = await open().put(samples([0], [1], 'B-9'), wide, samples([0], [1]));
    expect(refused(done)).toEqual([
      [0, undefined, 'entity-unknown'],
      [1, undefined, 'telemetry-invalid'],
    ]);
    expect(scored(done)).toEqual([[0, 1]]);
  });

  test('asks in few lengths, so that a server can put many entities into one batch', () => {
    expect(lengthsOf(7)).toEqual([4, 2, 1]);
    expect(lengthsOf(200)).toEqual([64, 64, 64, 8]);
    expect(lengthsOf(0)).toEqual([]);
  });
});

test('what was seen of the last 256 numbers is known, against a plain set: 20,000 numbers', () => {
  const random = seeded(5);
  const seen = new Set<number>();
  let order: Order | undefined;
  let numbers = openNumbers(order);
  let last = -1;
  for (let round = 0; round < 20_000; round++) {
    const index = Math.max(0, last + Math.floor(random() * 24) - 18);
    const expected =
      index > last
        ? index === last + 1 || order === undefined
          ? 'next'
          : 'gap'
        : seen.has(index) && last - index < 256
          ? 'duplicate'
          : 'late';
    expect(numbers.placeOf(index)).toBe(expected);
    // Now and then over a checkpoint.
    if (random() < 0.3) numbers = openNumbers(numbers.order());
    if (index <= last) continue;
    numbers.add(index);
    order = numbers.order();
    seen.add(index);
    last = index;
  }
});
