import { expect, test } from '@jest/globals';
import { figuresOfAll } from '../../src/evaluation/figures-of-all.ts';
import { toMetrics } from '../../src/evaluation/to-metrics.ts';

const flags = (rows: number, ...flagged: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: rows }, (_, row) => (flagged.includes(row) ? 1 : 0));

test('counts are of each entity and can be summed; what cannot is of all together, and left out where it is none', () => {
  const all = [
    { entity: 'S/A-1', rows: 1_000, labels: [{ first: 100, last: 150 }], flags: flags(1_000, 90, 120, 600) },
    { entity: 'S/A-2', rows: 500, labels: [], flags: flags(500) },
  ];
  const values = [...toMetrics(figuresOfAll(all))];
  const of = (name: string) =>
    Object.fromEntries(
      values
        .filter((value) => value.name === `downlink_evaluation_${name}`)
        .map(({ labels, number }) => [Object.values(labels).join(' '), number]),
    );
  expect(of('rows')).toEqual({ 'S A-1': 1_000, 'S A-2': 500 });
  expect(of('alarms')).toEqual({ 'S A-1': 2, 'S A-2': 0 });
  expect(of('outcomes')).toMatchObject({
    'S A-1 events found': 1,
    'S A-1 events false': 1,
    'S A-1 events missed': 0,
    'S A-1 onsets found': 0,
    'S A-1 onsets false': 2,
    'S A-2 onsets missed': 0,
  });
  expect(of('precision_ratio')).toEqual({ events: 0.5, onsets: 0 });
  expect(of('recall_ratio')).toEqual({ events: 1, onsets: 0 });
  expect(of('delay_rows')).toEqual({ '0.5': 20, '0.9': 20 });
  expect([...toMetrics(figuresOfAll([]))].map(({ name }) => name)).toEqual([]);
  // A metric has the same labels everywhere.
  const keys = new Map<string, Set<string>>();
  for (const { name, labels } of values)
    keys.set(name, (keys.get(name) ?? new Set()).add(Object.keys(labels).join(' ')));
  expect([...keys.values()].every(({ size }) => size === 1)).toBe(true);
});
