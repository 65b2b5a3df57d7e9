import { expect, test } from '@jest/globals';
import { killBroker } from '../support/broker-kills.ts';

const kills = Number(process.env['DOWNLINK_TEST_KILLS'] ?? 100);

test(`${kills} deaths of the embedded broker under load: what was acknowledged is there, once and in order`, async () => {
  const { wrong, ...seen } = await killBroker(kills);
  process.stderr.write(`${JSON.stringify(seen)}\n`);
  expect(wrong).toEqual([]);
  expect(seen.acknowledged).toBeGreaterThan(20 * kills);
  expect(seen.ends.committed).toBeGreaterThan(5 * kills);
  expect(seen.ends.unknown).toBe(0);
}, 1_800_000);
