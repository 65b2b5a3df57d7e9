import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../../src/embedded/broker/server.ts';
import { servesStill } from '../broker/serves-still.ts';
import { seedOfRun } from '../support/random.ts';
import { fuzzBroker } from './fuzz-broker.ts';

const count = Number(process.env['DOWNLINK_TEST_REQUESTS'] ?? 100_000);

test(`${count} damaged requests are each answered or end their connection, and the broker serves on`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-fuzz-'));
  const notes: string[] = [];
  const broker = await startBroker({
    folder,
    port: 0,
    maxIdleMs: 1_000,
    maxConnections: 20_000,
    note: (line) => notes.push(line),
  });
  let outcomes: ReadonlyMap<string, number>;
  try {
    outcomes = await fuzzBroker(broker.address, seedOfRun(), count);
    process.stderr.write(`${JSON.stringify(Object.fromEntries([...outcomes].slice(0, 10)))}\n`);
    await servesStill(broker.address);
  } finally {
    // Whatever is wrong: a broker that is left open keeps Jest from ending.
    await broker.close();
    rmSync(folder, { recursive: true });
  }
  expect([...outcomes.keys()].filter((one) => !['answered', 'closed', 'waits'].includes(one)).slice(0, 3)).toEqual([]);
  // Whatever a client says, the broker knows what it says to it: an error that nobody thought of is noted.
  expect([...new Set(notes)].slice(0, 5)).toEqual([]);
  // Requests that all fail at the first byte, or all get through, would prove nothing.
  for (const outcome of ['answered', 'closed']) expect(outcomes.get(outcome)).toBeGreaterThan(count / 20);
}, 240_000);
