import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { openInference, type OpenInference } from '../../src/inference/inference.ts';
import { eventually } from '../support/eventually.ts';
import { laneOf, putNumbers, sums, zero } from '../support/put-numbers.ts';
import { startSequenceServer, type SequenceServer } from '../support/sequence-server.ts';

let server: SequenceServer;
let inference: OpenInference;
beforeEach(async () => {
  server = await startSequenceServer();
  inference = openInference({ addresses: [server.address], metadata: sums });
});
afterEach(async () => {
  inference.close();
  await server.close();
});
const unavailable = { code: 'inference-unavailable' };

test.each(['the same lane', 'a lane that is opened anew'])(
  'a START whose answer is lost is ended before %s begins another under a new id',
  async (which) => {
    const one = laneOf(inference);
    server.befall('no answer');
    await expect(putNumbers(one, 'S/A', zero, [1])).rejects.toMatchObject(unavailable);
    const [lost = ''] = server.starts;
    if (which !== 'the same lane') await one.close();
    const next = which === 'the same lane' ? one : laneOf(inference);
    const { scores, sequence } = await eventually('it goes on', () => putNumbers(next, 'S/A', zero, [2]));
    expect(scores).toEqual([2]);
    expect(sequence).not.toBe(lost);
    expect(server.log).toEqual([`START ${lost}`, `END ${lost}`, `START ${sequence}`]);
    expect(server.open()).toEqual([sequence]);
  },
);

test('what was open when the stream was lost is ended on the next one, before all else', async () => {
  const one = laneOf(inference);
  const [first, other] = [await putNumbers(one, 'S/A', zero, [1]), await putNumbers(one, 'S/B', zero, [1])];
  server.befall('no answer');
  await expect(putNumbers(one, 'S/C', zero, [1])).rejects.toMatchObject(unavailable);
  // In the pause before the next attempt nothing is sent.
  await expect(putNumbers(one, 'S/A', first.state, [1])).rejects.toMatchObject(unavailable);
  await one.close();
  const { sequence } = await eventually('another goes on', () => putNumbers(laneOf(inference), 'S/D', zero, [1]));
  const lost = server.starts[2] ?? '';
  expect(server.log.slice(3, -1).sort()).toEqual(
    [first.sequence, other.sequence, lost].map((id) => `END ${id}`).sort(),
  );
  expect(server.log.at(-1)).toBe(`START ${sequence}`);
});

test('what the server never heard of is not ended', async () => {
  await putNumbers(laneOf(inference), 'S/A', zero, [1]);
  await server.die();
  const before = server.log.length;
  // Some find nobody at the address, others come in the pause before the next attempt.
  for (let attempt = 0; attempt < 20; attempt++) {
    await expect(putNumbers(laneOf(inference), `S/${attempt}`, zero, [1])).rejects.toMatchObject(unavailable);
    await delay(10);
  }
  await server.restart();
  const { sequence } = await eventually('it is found', () => putNumbers(laneOf(inference), 'S/B', zero, [1]));
  expect(server.log.slice(before)).toEqual([`START ${sequence}`]);
});
