import { expect, test } from '@jest/globals';
import type { Incoming, Outcome, Records, SeriesBlock } from '../../../src/contract/index.ts';
import { report } from '../../../src/stages/report/index.ts';
import { validRecords } from '../../support/samples.ts';
import { noPorts } from '../../support/no-ports.ts';
import { inRecords, levels, toldOf } from '../../pipeline/anomalies/busy-stretches.ts';

type Anomaly = Records['anomaly'];

const open = () =>
  report.open({
    settings: {},
    partition: 0,
    partitions: 1,
    opening: 'o',
    source: 't',
    fleet: new Map<string, never>(),
    restored: new Map<string, never>(),
    ports: noPorts,
  });

const sent = (values: readonly Anomaly[]): Outcome<SeriesBlock, never>['send'] => {
  const records = values.map((value, i): Incoming<Anomaly> => ({ key: null, value, offset: BigInt(i), timestamp: 0 }));
  return (open().process({ records, behind: 0n }, new AbortController().signal) as Outcome<SeriesBlock, never>).send;
};

/** What stands in a store that keeps one number for a series and a time: of each series its numbers by time. */
function stored(values: readonly Anomaly[]): Readonly<Record<string, readonly (readonly [number, number])[]>> {
  const all = new Map<string, Map<number, number>>();
  for (const { value: block } of sent(values))
    for (const [place, { metric, labels }] of block.series.entries()) {
      const name = [metric.name, ...Object.values(labels)].join(' ');
      const points = all.get(name) ?? new Map<number, number>();
      all.set(name, points);
      for (const [at, time] of block.timestamps.entries()) {
        const number = block.numbers[place * block.timestamps.length + at] ?? NaN;
        if (!Number.isFinite(number)) continue;
        expect([name, time, points.get(time) ?? number]).toEqual([name, time, number]);
        points.set(time, number);
      }
    }
  return Object.fromEntries([...all].map(([name, points]) => [name, [...points].sort(([a], [b]) => a - b)]));
}

const anomaly = (phase: Anomaly['phase'], toldTime: number | null, more: Partial<Anomaly> = {}): Anomaly => ({
  ...{ ...validRecords.anomaly, satellite_id: 'S', entity: 'A', phase, begin_time: 1_000, told_time: toldTime },
  ...{ end_time: 5_000, rules: ['too-busy'], severities: [{ rule: 'too-busy', severity: 0, time: toldTime ?? 0 }] },
  ...more,
});
const by = (rule: string, severity: number, time: number) => ({ rule, severity, time });

const story = [
  anomaly('opened', 1_000, { severities: [by('too-busy', 1.5, 1_000)] }),
  anomaly('updated', 9_000, { severities: [by('too-busy', 3, 4_000), by('unusual-shape', 1.25, 5_000)] }),
  anomaly('updated', 19_000, { severities: [by('too-busy', 0, 19_000), by('unusual-shape', 2, 12_000)] }),
  anomaly('closed', 29_000, { severities: [by('too-busy', 0, 29_000), by('unusual-shape', 0, 29_000)] }),
];

test('open from its first row to the row that closed it, and of each rule what it saw, at the times of that', () => {
  expect(stored(story)).toEqual({
    'smap_anomaly_open S A': [
      [1_000, 1],
      [9_000, 1],
      [19_000, 1],
      [29_000, 0],
    ],
    'smap_anomaly_severity S A too-busy': [
      [1_000, 1.5],
      [4_000, 3],
      [19_000, 0],
      [29_000, 0],
    ],
    'smap_anomaly_severity S A unusual-shape': [
      [5_000, 1.25],
      [12_000, 2],
      [29_000, 0],
    ],
  });
});

test('what comes again, and however it is cut, is the same numbers at the same times', () => {
  expect(stored([...story.slice(0, 3), ...story.slice(1), ...story])).toEqual(stored(story));
  expect(story.flatMap((one) => sent([one]))).toEqual(sent(story));
});

test('the series of an entity stay the same objects, those without a rule first', () => {
  const [first, second] = sent(story.slice(0, 2)).map(({ key, value }) => ({ key, series: value.series }));
  expect(second?.key).toBe('S/A');
  expect(first?.series.map(({ labels }) => Object.keys(labels))).toEqual([
    ['satellite_id', 'entity'],
    ['satellite_id', 'entity', 'rule'],
  ]);
  for (const at of [0, 1]) expect(second?.series[at]).toBe(first?.series[at]);
});

test('an anomaly of before it was said when it was told is closed all the same', () => {
  const older = (['opened', 'updated', 'closed'] as const).map((phase) => anomaly(phase, null, { severities: [] }));
  expect(stored(older)).toEqual({
    'smap_anomaly_open S A': [
      [1_000, 1],
      [5_000, 1],
      [5_001, 0],
    ],
  });
});

test('of what detect tells, nothing is said before it was so, the last number is the last word, and the peak is there', () => {
  const all = toldOf(inRecords(levels(3_000, 2_000, 2_300), 8));
  expect(all).toHaveLength(2);
  const { 'smap_anomaly_open S A-1': opens = [], ...severities } = stored(all.flat());
  const begins = all.map(([opened]) => opened.begin_time);
  const closes = all.map((phases) => 1_000 * ((phases.at(-1)?.end_index ?? 0) + 100));
  const at = (time: number) => opens.findLast(([from]) => from <= time)?.[1];
  for (const [which, begin] of begins.entries()) {
    const close = closes[which] ?? 0;
    expect([at(begin - 1) ?? 0, at(begin), at(close - 1), at(close)]).toEqual([0, 1, 1, 0]);
  }
  const numbers = Object.values(severities);
  expect(Object.keys(severities)).toEqual(expect.arrayContaining(['smap_anomaly_severity S A-1 too-busy']));
  for (const points of numbers) expect(points.at(-1)?.[1]).toBe(0);
  for (const { peak_severity, peak_time } of all.map((phases) => phases.at(-1) ?? phases[0]))
    expect(numbers.flat()).toContainEqual([peak_time, Math.fround(peak_severity)]);
});
