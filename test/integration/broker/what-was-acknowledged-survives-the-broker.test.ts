import { expect, test } from '@jest/globals';
import { killBroker } from '../../support/broker-kills.ts';

test('8 deaths under load: what was acknowledged is there, once and in order; what was open is aborted', async () => {
  const { wrong, ...seen } = await killBroker(8);
  process.stderr.write(`${JSON.stringify(seen)}\n`);
  expect(wrong).toEqual([]);
  expect(seen.acknowledged).toBeGreaterThan(100);
  expect(seen.ends.committed).toBeGreaterThan(20);
  expect(seen.ends.unknown).toBe(0);
}, 120_000);
