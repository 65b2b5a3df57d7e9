import { describe, expect, test } from '@jest/globals';
import { evaluate } from '../../src/evaluation/evaluate.ts';
import { report } from '../../src/evaluation/report.ts';
import { toJson } from '../../src/evaluation/to-json.ts';
import { madeUp } from './made-up.ts';
import { madeUpFleet } from './made-up-fleet.ts';

const evaluation = evaluate(madeUpFleet());
const text = report(evaluation);
const lines = text.split('\n');
const cellsOf = (begin: string) => lines.find((line) => line.startsWith(begin))?.split(/ {2,}/);

describe('the report', () => {
  test('has a line an entity, and one for all', () => {
    expect(cellsOf('entity')).toEqual(
      'entity,rows,labels,alarms,found,false,missed,F1,begun in,begun out,strict F1,in alarm,delay,point F1'.split(','),
    );
    expect(cellsOf('A-4')?.slice(0, 13)).toEqual([
      'A-4',
      '6,000',
      '1',
      '2',
      '1',
      '1',
      '0',
      '0.667',
      '1',
      '1',
      '0.667',
      '1.0 %',
      '10',
    ]);
    expect(cellsOf('A-8')?.slice(3, 13)).toEqual(['0', '0', '0', '1', '0.000', '0', '0', '0.000', '0.0 %', '-']);
    expect(cellsOf('all')?.slice(0, 8)).toEqual(['all', '48,000', '8', '8', '7', '1', '1', '0.875']);
  });

  test('has the totals with all their rates', () => {
    expect(cellsOf('labels that an alarm touches')?.slice(1)).toEqual([
      '7',
      '1',
      '1',
      '0.875',
      '0.875',
      '0.875',
      '0.875',
    ]);
    expect(text).toContain('false alarms in 100,000 rows: 2.08');
    expect(text).toContain('half within 10, nine tenths within 10');
  });

  test('shows the detector beside all others, and what came of the gate', () => {
    expect(cellsOf('the detector')?.slice(1, 4)).toEqual(['7', '1', '0.875']);
    expect(cellsOf('everything')?.slice(1, 4)).toEqual(['8', '0', '1.000']);
    expect(cellsOf('random alarms (50 draws: mean, most)')).toHaveLength(9);
    expect(text).toContain('gate: passed\n');
  });

  test('says last what flatters, and never alone', () => {
    const at = lines.indexOf('flatters');
    expect(at).toBeGreaterThan(lines.indexOf('gate: passed'));
    expect(lines.slice(0, at).join('\n')).not.toMatch(/adjust/i);
    const rest = lines.slice(at + 1).filter((line) => line !== '');
    expect(rest.map((line) => line.split(/ {2,}/)[0])).toEqual([
      expect.stringContaining('Point-adjusted F1'),
      'the detector',
      'random alarms',
      'rotated alarms',
      'everything',
      'EWMA rule',
    ]);
  });

  test('says why a gate was not passed, and what was left out', () => {
    const poor = report(evaluate([madeUp({ rows: 500, labels: [[1, 9]] })]));
    expect(poor).toContain('gate: not passed\nNo alarm begins inside a label.\n');
    expect(poor).toContain(
      'The EWMA rule is left out: it needs telemetry and training telemetry, which A-1 came without.',
    );
  });

  test('is a report also of nothing', () => {
    expect(report(evaluate([]))).toContain('Nothing is labelled');
    expect(report(evaluate([]))).not.toMatch(/NaN|undefined|null|Infinity/);
  });
});

describe('the same as plain values', () => {
  const plain = JSON.parse(JSON.stringify(toJson(evaluation))) as Record<string, unknown>;

  test('nothing is lost on the way, also of nothing', () => {
    expect(plain).toEqual(toJson(evaluation));
    const empty = toJson(evaluate([madeUp({ rows: 0 })]));
    expect(JSON.parse(JSON.stringify(empty))).toEqual(empty);
  });

  test('has the figures of each entity and of all', () => {
    expect(plain['total']).toMatchObject({ rows: 48_000, events: { found: 7, f1: 0.875 }, delay: { p50: 10 } });
    expect(plain['entities']).toHaveLength(8);
    expect(plain['entities']).toMatchObject([{ entity: 'A-1', events: { found: 1 } }, {}, {}, {}, {}, {}, {}, {}]);
    expect(plain['gate']).toMatchObject({ passed: true });
  });

  test('keeps apart what flatters, with the others beside it', () => {
    const { flatters, ...rest } = plain;
    expect(JSON.stringify(rest)).not.toMatch(/adjusted/i);
    const rivals = { 'random alarms': {}, 'rotated alarms': {}, everything: { mean: 2_400 / 49_200 }, 'EWMA rule': {} };
    expect(flatters).toMatchObject({ pointAdjustedF1: { rivals } });
  });
});
