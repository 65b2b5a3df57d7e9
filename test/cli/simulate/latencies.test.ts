import { expect, test } from '@jest/globals';
import { openLatencies } from '../../../src/cli/simulate/latencies.ts';

test('a share of many latencies is at most 1 % too much, and never too little', () => {
  const latencies = openLatencies();
  const all = Array.from({ length: 10_000 }, (_, at) => 0.05 * 1.001 ** at);
  // In no order.
  for (const [at] of all.entries()) latencies.add(all[(at * 7919) % all.length] ?? NaN);
  for (const share of [0.01, 0.5, 0.95, 0.99, 1]) {
    const exact = all[Math.ceil(share * all.length) - 1] ?? NaN;
    expect((latencies.at(share) ?? NaN) / exact).toBeGreaterThanOrEqual(1 - 1e-9);
    expect((latencies.at(share) ?? NaN) / exact).toBeLessThanOrEqual(1.01 + 1e-9);
  }
});

test('of one it is that one; of none there is none', () => {
  const latencies = openLatencies();
  expect(latencies.at(0.5)).toBeUndefined();
  latencies.add(42);
  expect([latencies.at(0.5), latencies.at(0.99)]).toEqual([42, 42]);
});
