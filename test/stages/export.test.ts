import { expect, test } from '@jest/globals';
import type { FleetEntity, Incoming, Outcome, Records, SeriesBlock } from '../../src/contract/index.ts';
import { exportScores } from '../../src/stages/export/index.ts';
import type { Settings } from '../../src/stages/export/settings.ts';
import { noPorts } from '../support/no-ports.ts';

type Scores = Records['scores'];

const entity = (name: string): FleetEntity => ({
  satellite: 'SAT-1',
  name,
  sensors: ['volt', 'amp'],
  model: 'm',
  threshold: undefined,
});
const fleet = new Map(['A', 'B'].map((name) => [`SAT-1/${name}`, entity(name)]));
const all: Settings = { sensors: 'all', listedSensors: [], worstPercent: 10 };

const open = (settings: Partial<Settings> = {}) =>
  exportScores.open({
    settings: { ...all, ...settings },
    partition: 0,
    partitions: 1,
    opening: 'o',
    source: 't',
    fleet,
    restored: new Map<string, never>(),
    ports: noPorts,
  });

async function outcomeOf(
  values: readonly Scores[],
  settings?: Partial<Settings>,
): Promise<Outcome<SeriesBlock, never>> {
  const records = values.map((value, i): Incoming<Scores> => ({ key: null, value, offset: BigInt(i), timestamp: 0 }));
  return await open(settings).process({ records, behind: 0n }, new AbortController().signal);
}

/** Of each series of what is sent, `name{label values}`: its numbers by time. */
function inWords({
  send,
}: Outcome<SeriesBlock, never>): Readonly<Record<string, readonly (readonly [number, number])[]>> {
  return Object.fromEntries(
    send.flatMap(({ value: { series, timestamps, numbers } }) =>
      series.map(({ metric, labels }, place) => [
        `${metric.name}{${Object.entries(labels)
          .map((pair) => pair.join('='))
          .join()}}`,
        timestamps.map((time, at) => [time, numbers[place * timestamps.length + at] ?? -1] as const),
      ]),
    ),
  );
}

/** Samples of two sensors at 1 s, 2 s and so on, with what the model saw and expected. */
const scores = (
  rows: readonly (readonly [value: number, seen: number, expected: number][])[],
  more: Partial<Scores> = {},
) => {
  const column = (which: 0 | 1 | 2) => Float32Array.from(rows.flatMap((row) => row.map((cell) => cell[which])));
  const each = <T>(cell: (row: number) => T): T[] => rows.map((_, row) => cell(row));
  return {
    satellite_id: 'SAT-1',
    entity: 'A',
    model: 'm',
    model_version: '1',
    weights: 'w',
    indices: each((row) => row),
    timestamps: each((row) => 1000 * (row + 1)),
    values: column(0),
    normalised: column(1),
    reconstruction: column(2),
    score: Float32Array.from(each((row) => row + 0.25)),
    threshold: 1,
    detected: each((row) => row + 0.25 > 1),
    warming: each(() => false),
    gap: each(() => false),
    ...more,
  } satisfies Scores;
};

const two = scores([
  [
    [20, 0.5, 0.25],
    [7, 1, 1],
  ],
  [
    [30, 0.75, 0.25],
    [8, 1, 0],
  ],
]);

test('score and detected of each sample, and of each sensor the raw value, what was expected, and the squared error', async () => {
  const outcome = await outcomeOf([two]);
  expect(outcome.reject).toEqual([]);
  expect(outcome.send.map(({ key }) => key)).toEqual(['SAT-1/A']);
  const volt = 'satellite_id=SAT-1,entity=A,sensor=volt';
  const amp = 'satellite_id=SAT-1,entity=A,sensor=amp';
  const at = (first: number, second: number) => [
    [1000, first],
    [2000, second],
  ];
  expect(inWords(outcome)).toEqual({
    'smap_anomaly_score{satellite_id=SAT-1,entity=A}': at(0.25, 1.25),
    'smap_anomaly_detected{satellite_id=SAT-1,entity=A}': at(0, 1),
    [`smap_sensor_value{${volt}}`]: at(20, 30),
    [`smap_sensor_reconstruction{${volt}}`]: at(0.25, 0.25),
    [`smap_sensor_error{${volt}}`]: at(0.0625, 0.25),
    [`smap_sensor_value{${amp}}`]: at(7, 8),
    [`smap_sensor_reconstruction{${amp}}`]: at(1, 0),
    [`smap_sensor_error{${amp}}`]: at(0, 1),
  });
});

test('records of one entity become one block, and what comes of it does not depend on how they were cut', async () => {
  const first = scores([
    [
      [20, 0.5, 0.25],
      [7, 1, 1],
    ],
  ]);
  const second = scores(
    [
      [
        [30, 0.75, 0.25],
        [8, 1, 0],
      ],
    ],
    {
      timestamps: [2000],
      score: Float32Array.of(1.25),
      detected: [true],
    },
  );
  const other = scores(
    [
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
    ],
    { entity: 'B' },
  );
  for (const sensors of ['all', 'worst'] as const) {
    const cut = await outcomeOf([first, other, second], { sensors });
    expect(cut.send.map(({ key }) => key)).toEqual(['SAT-1/A', 'SAT-1/B']);
    expect(inWords({ send: cut.send.slice(0, 1) })).toEqual(inWords(await outcomeOf([two], { sensors })));
  }
});

test('only the sensors that are listed', async () => {
  const names = Object.keys(inWords(await outcomeOf([two], { sensors: 'listed', listedSensors: ['amp'] })));
  expect(names).toHaveLength(5);
  expect(names.filter((name) => name.includes('sensor='))).toEqual(
    ['value', 'reconstruction', 'error'].map((what) => `smap_sensor_${what}{satellite_id=SAT-1,entity=A,sensor=amp}`),
  );
});

test('only the sensors with so much of the error of a sample, and none where there is no error', async () => {
  // Of the second sample amp has 80 % of the error, of the first none.
  const errorsOf = async (worstPercent: number, one = two) =>
    Object.entries(inWords(await outcomeOf([one], { sensors: 'worst', worstPercent })))
      .filter(([name]) => name.startsWith('smap_sensor_error'))
      .map(([name, points]) => [/sensor=(\w+)/.exec(name)?.[1], points.map(([, number]) => number)]);
  expect(await errorsOf(80)).toEqual([
    ['volt', [0.0625, NaN]],
    ['amp', [NaN, 1]],
  ]);
  expect(await errorsOf(20)).toEqual([
    ['volt', [0.0625, 0.25]],
    ['amp', [NaN, 1]],
  ]);
  const flawless = scores([
    [
      [20, 0.5, 0.5],
      [7, 1, 1],
    ],
  ]);
  expect(await errorsOf(0, flawless)).toEqual([]);
});

test('a list that no entity answers to is refused', () => {
  expect(() => open({ sensors: 'listed', listedSensors: ['amp', 'ohm', 'mho'] })).toThrow(
    'config-invalid: stages.export.settings.listedSensors: no entity of the fleet has ohm, mho',
  );
});

test.each<readonly [string, Partial<Scores>, string, string]>([
  ['of an entity that the fleet lacks', { entity: 'X' }, 'entity-unknown', 'the fleet has no SAT-1/X'],
  ['with more sensors', { values: new Float32Array(6) }, 'telemetry-invalid', '6 numbers of values are not those of 2'],
  ['with too few scores', { score: new Float32Array(1) }, 'telemetry-invalid', '1 of score are not those of 2 samples'],
])('a record %s is refused, and the others go on', async (_, more, code, detail) => {
  const { send, reject } = await outcomeOf([two, { ...two, ...more }, two]);
  expect(reject).toEqual([{ record: 1, code, detail: expect.stringContaining(detail) }]);
  expect(send.map(({ value }) => value.timestamps)).toEqual([[1000, 2000, 1000, 2000]]);
});

test('a record without samples sends nothing', async () => {
  expect(await outcomeOf([scores([])])).toEqual({ send: [], reject: [] });
});
