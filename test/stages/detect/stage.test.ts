import { describe, expect, test } from '@jest/globals';
import type { FleetEntity, Incoming, Outcome, Records } from '../../../src/contract/index.ts';
import { writerOf } from '../../../src/avro/own-types.ts';
import { noPorts } from '../../support/no-ports.ts';
import { openDetect } from '../../../src/stages/detect/stage.ts';
import { seeded } from '../../support/random.ts';
import { defaults } from './watched-channel.ts';

type Scores = Records['scores'];
type Done = Outcome<Records['anomaly'], Records['detector-state']>;
type States = ReadonlyMap<string, Records['detector-state']>;

const key = 'S/A-1';
const sensors = ['level', 'bit'];
const fleet = new Map<string, FleetEntity>([
  [key, { satellite: 'S', name: 'A-1', sensors, model: 'm', threshold: undefined }],
]);
const settings = { ...defaults, sensors: ['level'], rules: ['too-busy' as const], entities: {} };
const three = defaults.rules;

function open(restored: States = new Map(), more: object = {}) {
  const ports = noPorts;
  const lane = {
    settings: { ...settings, ...more },
    partition: 3,
    partitions: 4,
    opening: 'o',
    source: 'scores',
    fleet,
  };
  const stage = openDetect({ ...lane, restored, ports });
  return (records: readonly Incoming<Scores>[]): Done =>
    stage.process({ records, behind: 0n }, new AbortController().signal) as Done;
}

const scoresOf = (first: number, levels: readonly number[], more: Partial<Scores> = {}): Scores => ({
  satellite_id: 'S',
  entity: 'A-1',
  model: 'm',
  model_version: '1',
  weights: 'w',
  indices: levels.map((_, at) => first + at),
  timestamps: levels.map((_, at) => 1_000 * (first + at)),
  values: Float32Array.from(levels.flatMap((level) => [level, 0])),
  normalised: Float32Array.from(levels.flatMap((level) => [level, 0])),
  // The level is missed by 0.3, the bit by 0.1: nine tenths of the squared error, and one.
  reconstruction: Float32Array.from(levels.flatMap((level) => [level + 0.3, 0.1])),
  score: new Float32Array(levels.length),
  threshold: 1,
  detected: levels.map(() => false),
  warming: levels.map(() => false),
  gap: levels.map(() => false),
  ...more,
});

/** Calm noise, with rows 2,000 to 2,059 ten times as busy. */
function levels(rows: number): number[] {
  const random = seeded(7);
  return Array.from({ length: rows }, (_, row) => (random() - 0.5) * (row >= 2_000 && row < 2_060 ? 0.5 : 0.05));
}

const incoming = (offset: number, value: Scores): Incoming<Scores> => ({
  key,
  value,
  offset: BigInt(offset),
  timestamp: 0,
});
/** In records of `size` samples. */
const cut = (all: readonly number[], size: number): Incoming<Scores>[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    incoming(at, scoresOf(at * size, all.slice(at * size, (at + 1) * size))),
  );
const told = ({ send }: Done): Records['anomaly'][] => send.map(({ value }) => value);

describe('a busy stretch in calm noise', () => {
  const all = levels(2_400);
  const found = told(open()(cut(all, 8)));

  test('is opened once, closed once, and told of in between at most every hundred rows', () => {
    expect(found.map(({ phase }) => phase)).toEqual(['opened', 'updated', 'closed']);
    expect(new Set(found.map(({ id }) => id)).size).toBe(1);
    const [first, , last] = found;
    expect(first).toMatchObject({
      satellite_id: 'S',
      entity: 'A-1',
      topic: 'scores',
      partition: 3,
      rules: ['too-busy'],
    });
    expect(first?.begin_index).toBeGreaterThanOrEqual(2_000);
    expect(first?.begin_index).toBeLessThan(2_020);
    expect(first?.begin_time).toBe(1_000 * (first?.begin_index ?? 0));
    expect(first?.id).toBe(`S/A-1:R:${first?.begin_index}`);
    expect(first?.first_offset).toBe(Math.floor((first?.begin_index ?? 0) / 8));
    expect(last?.last_offset).toBe(Math.floor(((last?.end_index ?? 0) + 100) / 8));
    expect(last).toMatchObject({ severity: 0, state_before: null, begin_index: first?.begin_index });
  });

  test('says how severe it is at its peak, in a sentence, and which sensors the model missed there', () => {
    const last = found.at(-1);
    expect(last?.peak_severity).toBeGreaterThan(2);
    expect(last?.sentence).toMatch(/^level moves per sample \d+(\.\d)? × the most in the last 2,560 rows$/);
    expect(last?.sensors).toEqual([
      { sensor: 'level', share: expect.closeTo(0.9, 5) },
      { sensor: 'bit', share: expect.closeTo(0.1, 5) },
    ]);
  });

  test('says of each rule the largest since it was last told of, and when, and 0 where it did not alarm', () => {
    const [first, updated, last] = found;
    expect(first?.severities).toEqual([{ rule: 'too-busy', severity: first?.severity, time: first?.begin_time }]);
    expect(updated?.severities).toEqual([
      { rule: 'too-busy', severity: updated?.peak_severity, time: updated?.peak_time },
    ]);
    expect(updated?.told_time).toBe(1_000 * ((first?.begin_index ?? 0) + 100));
    expect(last?.told_time).toBe(1_000 * ((last?.end_index ?? 0) + 100));
    expect(last?.severities).toEqual([{ rule: 'too-busy', severity: 0, time: last?.told_time }]);
    const two = told(open(new Map(), { rules: ['too-busy', 'unusual-shape'], shapeFactor: 1 })(cut(all, 8)));
    for (const { rules, severities } of two) expect(severities.map(({ rule }) => rule)).toEqual(rules);
  });

  test('is the same however the rows are cut, and wherever another lane goes on from the checkpoint', () => {
    const unplaced = (one: Records['anomaly']) => ({ ...one, first_offset: 0, last_offset: 0, state_before: null });
    for (const size of [1, 64, 333]) {
      let states: States = new Map();
      const again: Records['anomaly'][] = [];
      for (const record of cut(all, size)) {
        const done = open(states)([record]);
        again.push(...told(done));
        states = done.checkpoint as States;
      }
      expect(again.map(unplaced)).toEqual(found.map(unplaced));
    }
  });

  test('keeps in its checkpoint less than 4 kB with all four rules, an anomaly open', () => {
    const rules = ['too-busy', 'too-quiet', 'unusual-shape', 'model-error'];
    const done = open(new Map(), { rules })(cut(all.slice(0, 2_080), 8));
    const state = done.checkpoint?.get(key);
    expect(state?.open).not.toBeNull();
    expect(writerOf('detector-state', 1).encode(state as Records['detector-state']).length).toBeLessThan(4_096);
  });
});

test('what is no number never reaches a rule, and what comes again or backwards is refused', () => {
  const put = open();
  const levelsWithNone = [0.1, NaN, 0.2, Infinity];
  const done = put([
    incoming(0, scoresOf(10, levelsWithNone)),
    incoming(1, scoresOf(12, [0.1, 0.1])),
    incoming(2, scoresOf(5, [0.1])),
  ]);
  expect(done.reject?.map(({ record, samples, code }) => [record, samples, code])).toEqual([
    [0, [1], 'telemetry-invalid'],
    [0, [3], 'telemetry-invalid'],
    [1, [0], 'sample-late'],
    [2, [0], 'sample-late'],
  ]);
  expect(done.checkpoint?.get(key)?.last_index).toBe(13);
});

test('a jump over a gap is no movement', () => {
  const rows = levels(1_900);
  const far = rows.map((level, row) => (row < 1_500 ? level : level + 40));
  const jump = told(open()([incoming(0, scoresOf(0, far))]));
  expect(jump.map(({ rules }) => rules).flat()).toContain('too-busy');
  const gap = far.map((_, row) => row === 1_500);
  expect(told(open()([incoming(0, scoresOf(0, far, { gap }))]))).toEqual([]);
});

test('a sensor that never moves is normal, and one row is no anomaly', () => {
  expect(told(open()([incoming(0, scoresOf(0, new Array<number>(5_000).fill(0.999)))]))).toEqual([]);
  expect(told(open()([incoming(0, scoresOf(0, [0.5]))]))).toEqual([]);
});

test('a checkpoint of another version or form: the rules begin anew and settle, and nothing is judged twice', () => {
  const all = levels(2_400);
  const states = open(new Map(), { rules: three })(cut(all.slice(0, 1_990), 8)).checkpoint as States;
  const state = states.get(key);
  if (state === undefined) throw new Error('no checkpoint');
  const older = Buffer.from(state.state);
  older[0] = 0;
  const rest = cut(all, 8).slice(248);
  const went = (from: Records['detector-state'], more = {}): Done =>
    open(new Map([[key, from]]), { rules: three, ...more })(rest);
  expect(told(went(state)).length).toBeGreaterThan(0);
  const anew = went({ ...state, state: older });
  expect(told(anew)).toEqual([]);
  expect(anew.reject?.map(({ code }) => code)).toEqual(Array(6).fill('sample-late'));
  // The means of the shapes are others, and the rest goes on.
  expect(told(went(state, { shapeRows: '8' })).map(({ rules }) => rules)).toContainEqual(['too-busy']);
});

test('an entity has settings of its own, and a sensor that it has not is refused with its place', () => {
  const off = { entities: { [key]: { busyFactor: 1_000 } } };
  expect(told(open(new Map(), off)(cut(levels(2_400), 8)))).toEqual([]);
  expect(() => open(new Map(), { entities: { [key]: { sensors: ['sensor_9'] } } })).toThrow(
    /S\/A-1 has no sensor sensor_9/,
  );
});
