import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openInference, type OpenInference } from '../../src/inference/inference.ts';
import type { Event } from '../../src/telemetry/events.ts';
import { startSequenceServer, type SequenceServer } from '../support/sequence-server.ts';

let server: SequenceServer;
let inference: OpenInference;
let told: Event[];
beforeEach(async () => {
  server = await startSequenceServer();
  told = [];
  inference = openInference({
    addresses: [server.address],
    metadata: new Map([['m', { kind: 'summing', form: 'fleet', sensors: 1, state: [1], entities: {} }]]),
    emit: (event) => told.push(event),
  });
});
afterEach(async () => {
  inference.close();
  await server.close();
});

const run = (values: readonly number[], mischief?: 'no answer') => {
  if (mischief !== undefined) server.befall(mischief);
  const pieces = values.map((value) => Float32Array.of(value));
  const asked = { entity: 'S/A', model: 'm', place: 0, from: Float32Array.of(0), pieces };
  return inference.open('told.1', 100).run(asked, new AbortController().signal);
};

test('each request that was answered is told of once, with its model and its time', async () => {
  const began = performance.now();
  await run([1, 2, 3]);
  const most = performance.now() - began;
  expect(told).toEqual(Array(3).fill({ event: 'inferred', model: 'm', ms: expect.any(Number) }));
  for (const event of told) {
    if (event.event !== 'inferred') continue;
    expect(event.ms).toBeGreaterThan(0);
    expect(event.ms).toBeLessThanOrEqual(most);
  }
});

test('a request without an answer has no time', async () => {
  await expect(run([1], 'no answer')).rejects.toThrow('within 100 ms');
  expect(told).toEqual([]);
});
