import { describe, expect, test } from '@jest/globals';
import type { Records } from '../../../src/contract/index.ts';
import { openJudged, type FlaggedBy } from '../../../src/pipeline/judged/judged-entity.ts';
import { labelsInFile, labelsInTelemetry } from '../../../src/pipeline/judged/labels.ts';
import { entity, inRecords, key } from '../anomalies/busy-stretches.ts';

type Anomaly = Records['anomaly'];
type Scores = Records['scores'];

const always = { from: -Infinity, until: Infinity };
const levels = Array.from({ length: 40 }, (_, row) => row / 8);
const records = inRecords(levels, 10).map(({ scores }) => scores);
const label = (first: number, last: number) => ({ first, last, kind: 'point' });
const anomaly = (id: string, begin_index: number, end_index: number) =>
  ({ id, begin_index, end_index, peak_severity: 2 }) as Anomaly;

function judged(flaggedBy: FlaggedBy = 'anomalies', window = always) {
  return openJudged({ key, width: 2, place: 1, flaggedBy, window });
}
const flagged = (flags: Uint8Array | undefined): number[] =>
  [...(flags ?? [])].flatMap((flag, row) => (flag === 0 ? [] : [row]));

describe('an entity as it was scored', () => {
  test('has its own numbers as rows, from the first that is within the window', () => {
    const of = judged('anomalies', { from: 12_000, until: 35_000 });
    for (const one of records) of.takeScores(one);
    of.takeAnomaly(anomaly('a', 5, 14));
    of.takeAnomaly(anomaly('b', 20, 21));
    // Told once more, it is as it was told last.
    of.takeAnomaly(anomaly('b', 20, 22));
    of.takeAnomaly(anomaly('c', 36, 39));
    const series = of.series([label(0, 11), label(10, 13), label(30, 99)]);
    expect(series).toMatchObject({ entity: key, rows: 23, labels: [label(0, 1), label(18, 22)] });
    expect(flagged(series?.flags)).toEqual([0, 1, 2, 8, 9, 10]);
    expect([...(series?.severity ?? [])].slice(7, 12)).toEqual([0, 2, 2, 2, 0]);
    expect([...(series?.telemetry ?? [])].slice(0, 2)).toEqual([1.5, 1.625]);
  });

  test('has rows that nobody saw, which are not flagged; what was scored twice is as it was the last time', () => {
    const of = judged({ scoreAbove: 1 });
    const [first, , third] = records;
    const loud = (scores: Scores | undefined, score: number): Scores =>
      ({ ...scores, score: new Float32Array(10).fill(score) }) as Scores;
    of.takeScores(loud(first, 3));
    of.takeScores(loud(third, 3));
    of.takeScores(loud(first, 0.5));
    const series = of.series([]);
    expect(series?.rows).toBe(30);
    expect(flagged(series?.flags)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    expect([series?.severity[20], series?.telemetry[15]]).toEqual([3, NaN]);
  });

  test('is flagged by a number, or by the threshold that came with the scores; never while the model warms up', () => {
    const [first] = records;
    const score = Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const warming = [...score].map((_, at) => at > 7);
    const detected = [...score].map((one, at) => one > 6 && at <= 7);
    const scores = { ...first, score, warming, detected, threshold: 6 } as Scores;
    const by = (scoreAbove: number | 'threshold') => {
      const of = judged({ scoreAbove });
      of.takeScores(scores);
      return flagged(of.series([])?.flags);
    };
    expect(by(4)).toEqual([5, 6, 7]);
    expect(by('threshold')).toEqual([7]);
  });

  test('with numbers that are too far apart is refused with the way out', () => {
    const of = judged();
    for (const one of records) of.takeScores(one);
    of.takeScores({ ...records[0], indices: records[0]?.indices.map((index) => index + 1e12) } as Scores);
    expect(() => of.series([])).toThrow(/too many to judge at once; choose some with --from and --until/);
  });

  test('is none before anything was scored', () => {
    expect(judged().series([label(0, 1)])).toBeUndefined();
  });
});

describe('labels', () => {
  const of = { satellite_id: 'S', entity: 'A-1' };
  const sample = (index: number | null, labels: readonly string[] | null): Records['telemetry'] => ({
    ...{ ...of, timestamp: 0, index, values: [], labels },
  });

  test('of telemetry are runs of rows, in whichever order and cut they come', () => {
    const labels = labelsInTelemetry();
    labels.take?.(sample(7, ['point']));
    labels.take?.(sample(5, []));
    const indices = [3, 4, 5, 6];
    const kinds = [[], ['context'], [], ['point']];
    labels.take?.({ ...of, timestamps: [0, 0, 0, 0], indices, values: new Float32Array(), labels: kinds });
    expect(labels.of(entity)).toEqual([
      { first: 4, last: 4, kind: 'context' },
      { first: 6, last: 7, kind: 'point' },
    ]);
    expect(labels.unusable()).toEqual([]);
  });

  test('that nobody gave are not known; known to be quiet is something else', () => {
    const labels = labelsInTelemetry();
    expect(labels.of(entity)).toBeUndefined();
    labels.take?.(sample(1, null));
    expect(labels.of(entity)).toBeUndefined();
    labels.take?.(sample(2, []));
    expect(labels.of(entity)).toEqual([]);
    expect(labelsInFile(new Map([['T-1', []]])).of(entity)).toBeUndefined();
  });

  test('of samples without a number cannot be matched, and that is said', () => {
    const labels = labelsInTelemetry();
    labels.take?.(sample(null, ['point']));
    labels.take?.(sample(null, []));
    expect(labels.of(entity)).toBeUndefined();
    expect(labels.unusable()).toEqual([expect.stringMatching(/^S\/A-1: 2 labels are of samples without an index/)]);
  });
});
