import { describe, expect, test } from '@jest/globals';
import { evaluate } from '../../src/evaluation/evaluate.ts';
import { indexPage } from '../../src/evaluation/pictures/index-page.ts';
import { closingScale, evenScale } from '../../src/evaluation/pictures/scale.ts';
import { svgOf } from '../../src/evaluation/pictures/svg-of.ts';
import { thinned } from '../../src/evaluation/pictures/thinned.ts';
import type { Series } from '../../src/evaluation/series.ts';
import { seeded } from '../support/random.ts';
import { flagsOf, madeUp } from './made-up.ts';
import { madeUpFleet } from './made-up-fleet.ts';

/** Elements that are not closed, or closed by another. */
function unbalanced(markup: string): readonly string[] {
  const open: string[] = [];
  for (const [, closing, name = '', own] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)\b(?:"[^"]*"|[^">])*?(\/?)>/gi)) {
    if (own === '/') continue;
    if (closing !== '/') open.push(name);
    else if (open.at(-1) === name) open.pop();
    else return [...open, `/${name}`];
  }
  return open;
}

const restless = (rows: number): Series => {
  const random = seeded(5);
  return {
    entity: 'A-1',
    rows,
    labels: [
      { first: 4_000, last: 4_500, kind: 'contextual' },
      { first: 7_000, last: 7_030 },
    ],
    flags: flagsOf(rows, [
      [4_020, 4_100],
      [800, 810],
    ]),
    telemetry: Float32Array.from({ length: rows }, () => 2 * random() - 1),
    severity: Float64Array.from({ length: rows }, (_, row) => (row === 4_050 ? 208.6 : 2 * random())),
  };
};

describe('a thinned column', () => {
  test('keeps every spike, in its row', () => {
    const values = new Float32Array(8_640).fill(0.25);
    values[4_321] = 1;
    values[4_322] = -1;
    values[8_639] = 0.5;
    const points = thinned(values, 1_000).flat();
    expect(points.filter(([, value]) => value !== 0.25)).toEqual([
      [4_321, 1],
      [4_322, -1],
      [8_639, 0.5],
    ]);
    expect(points.length).toBeLessThanOrEqual(2_000);
  });

  test('has all rows where there are few, and ends where nothing was seen', () => {
    expect(thinned([1, 3, NaN, 2, Infinity], 1_000)).toEqual([
      [
        [0, 1],
        [1, 3],
      ],
      [[3, 2]],
    ]);
    expect(thinned([], 1_000)).toEqual([]);
  });
});

describe('a scale', () => {
  test('is written in round steps, both ends where they belong', () => {
    const { place, ticks } = evenScale({ low: -1.1, high: 1.1 }, 200, 0, 4);
    expect(ticks).toEqual([-1, 0, 1]);
    expect([place(-1.1), place(1.1)]).toEqual([200, 0]);
    expect(evenScale({ low: 0.1, high: 0.7 }, 0, 1, 4).ticks).toEqual([0.2, 0.4, 0.6]);
    expect(evenScale({ low: 0, high: 8_640 }, 0, 1, 10).ticks.slice(-2)).toEqual([7_000, 8_000]);
  });

  test('of severity shows 1 and 200 apart from 0', () => {
    const { place, ticks } = closingScale(208, 0, 100);
    expect(ticks).toEqual([0, 1, 10, 100]);
    expect([place(0), place(208)]).toEqual([0, 100]);
    expect(place(1)).toBeGreaterThan(20);
  });
});

describe('a picture', () => {
  const series = restless(8_640);
  const svg = svgOf(series);

  test('is small and well formed', () => {
    expect(Buffer.byteLength(svg)).toBeLessThan(200_000);
    expect(unbalanced(svg)).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('says what was found, and names its rows and its colours', () => {
    expect(svg).toContain('A-1: 1 of 2 found, 1 false, 1 begun inside; strict F1 0.500, in alarm 1.1 % of 8,640 rows');
    for (const text of ['>telemetry<', '>labels<', '>alarms<', '>severity, ', '>8,000<', '>row<', '>false alarm<'])
      expect(svg).toContain(text);
    expect(svg).toContain('<title>labelled (contextual), rows 4,000 to 4,500: found, first flag after 20 rows</title>');
    expect(svg).toContain('<title>labelled (anomaly), rows 7,000 to 7,030: missed</title>');
    expect(svg).toContain('<title>false alarm, rows 800 to 810</title>');
  });

  test('is one also without telemetry, without rows, of one row, of a column that never moves or was never seen', () => {
    const one: Series = { ...madeUp({ rows: 1, labels: [[0, 0]], flagged: [[0, 0]] }), telemetry: Float32Array.of(3) };
    const still: Series = { ...madeUp({ rows: 500 }), telemetry: new Float32Array(500).fill(0.999) };
    const unseen: Series = { ...madeUp({ rows: 500 }), telemetry: new Float32Array(500).fill(NaN) };
    for (const odd of [madeUp({ rows: 500 }), madeUp({ rows: 0 }), one, still, unseen]) {
      const drawn = svgOf(odd);
      expect(unbalanced(drawn)).toEqual([]);
      expect(drawn).not.toMatch(/NaN|undefined|Infinity/);
      expect(drawn.includes('>telemetry<')).toBe(odd.telemetry !== undefined);
    }
    expect(svgOf(madeUp({ rows: 0 }))).toContain('A-1: no rows');
  });

  test('marks nothing up that an entity or a label is called', () => {
    const labels = [{ first: 1, last: 2, kind: '<script>' }];
    const drawn = svgOf({ ...madeUp({ entity: '<a href="x">&\u0007', rows: 9 }), labels });
    expect(unbalanced(drawn)).toEqual([]);
    expect(drawn).not.toMatch(/<script|<a |\u0007/);
    expect(drawn).toContain('&lt;a href=&quot;x&quot;&gt;&amp;: 0 of 1 found');
  });
});

describe('the page of all', () => {
  const fleet = madeUpFleet();
  const evaluation = evaluate(fleet);
  const page = indexPage(fleet, evaluation);

  test('begins with the worst', () => {
    const order = [...page.matchAll(/<a href="#e\d">([^<]*)<\/a>/g)].map(([, entity]) => entity);
    // One missed, one with a false alarm, then all that are right, by name.
    expect(order).toEqual(['A-8', 'A-4', 'A-1', 'A-2', 'A-3', 'A-5', 'A-6', 'A-7']);
    const pictures = [...page.matchAll(/<section id="e(\d)"><svg[^>]* aria-label="([^"]*)"/g)];
    expect(pictures.map(([, at, entity]) => [Number(at), entity])).toEqual(order.map((entity, at) => [at, entity]));
  });

  test('has the figures, and needs no other file', () => {
    expect(page).toContain('The gate is passed.');
    expect(page).toMatch(/<tr><td>all<\/td><td>8<\/td><td>7<\/td><td>1<\/td><td>1<\/td><td>0\.875<\/td>/);
    expect(page).not.toMatch(/src=|href="(?!#)|@import|url\(/);
    expect(page).not.toMatch(/adjusted/i);
  });

  test('marks nothing up that an entity is called, and says why the gate was not passed', () => {
    const all = [madeUp({ entity: '<b>', rows: 10 })];
    const odd = indexPage(all, evaluate(all));
    expect(odd).toContain('<a href="#e0">&lt;b&gt;</a>');
    expect(odd).not.toContain('<b>');
    expect(odd).toContain('The gate is not passed. Nothing is labelled, so nothing can be shown.');
  });
});
