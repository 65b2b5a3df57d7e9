import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openNpy } from '../../../src/replay/npy.ts';
import { seeded, seedOfRun } from '../../support/random.ts';
import { watchChannel, type Event } from './watched-channel.ts';

const data = process.env['DOWNLINK_TEST_SMAP'];
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'golden', 'detection-smap.json'), 'utf8'),
) as { channels: Readonly<Record<string, { rows: number; sha256: string; events: readonly Event[] }>> };

if (data === undefined)
  process.stderr.write('skipped: set DOWNLINK_TEST_SMAP to the SMAP data set (train/, test/, labeled_anomalies.csv)\n');

async function columnOf(split: 'train' | 'test', channel: string): Promise<number[]> {
  const table = await openNpy(join(data ?? '', split, `${channel}.npy`));
  const values = await table.read(0, table.rows);
  await table.close();
  return Array.from({ length: table.rows }, (_, row) => values[row * table.columns] ?? NaN);
}

describe('column 0 of all SMAP channels, primed with the train rows', () => {
  const random = seeded(seedOfRun());
  (data === undefined ? test.skip : test).each(Object.entries(golden.channels))('%s', async (channel, recorded) => {
    const [quiet, stream] = [await columnOf('train', channel), await columnOf('test', channel)];
    const cuts = new Set(Array.from({ length: 200 }, () => Math.floor(random() * stream.length)));
    const whole = watchChannel(quiet, stream);
    expect(whole.sha256).toBe(recorded.sha256);
    expect(whole.events.map((event) => event.slice(0, 4))).toEqual(recorded.events.map((event) => event.slice(0, 4)));
    // The record was made of float64 columns, ours are float32; and the peak of one event (P-7) is 0.6 % lower here.
    for (const [at, event] of whole.events.entries())
      expect(Math.abs(event[4] / (recorded.events[at]?.[4] ?? 0) - 1)).toBeLessThan(0.01);
    expect(watchChannel(quiet, stream, cuts)).toEqual(whole);
  });
});
