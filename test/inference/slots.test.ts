import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openInference, type OpenInference } from '../../src/inference/inference.ts';
import { eventually } from '../support/eventually.ts';
import { laneOf, putNumbers, sums, zero } from '../support/put-numbers.ts';
import { startSequenceServer, type SequenceServer } from '../support/sequence-server.ts';

describe('a server with three slots', () => {
  let server: SequenceServer;
  let inference: OpenInference;
  beforeAll(async () => {
    server = await startSequenceServer({ slots: 3 });
    inference = openInference({ addresses: [server.address], metadata: sums });
  });
  afterAll(async () => {
    inference.close();
    await server.close();
  });

  test('the sequence used least is ended for a new one, whatever lane it is of', async () => {
    const [one, other] = [laneOf(inference), laneOf(inference)];
    for (const entity of ['S/A', 'S/B', 'S/C', 'S/A']) await putNumbers(one, entity, zero, [1]);
    await putNumbers(other, 'S/D', zero, [1]);
    await eventually('one is ended', () => server.open().length === 3);
    expect(server.open().map((id) => id.split('@')[0])).toEqual(expect.arrayContaining(['S/C', 'S/A', 'S/D']));
    await Promise.all([one.close(), other.close()]);
    await eventually('all are ended', () => server.open().length === 0);
  });

  test('fifty entities at once in two lanes take turns: each is scored, and never are more than three open', async () => {
    const lanes = [laneOf(inference), laneOf(inference)];
    let held = Array.from({ length: 50 }, (_, at) => {
      const state: Float32Array = Float32Array.of(at);
      return { entity: `S/${at}`, sum: at, state };
    });
    for (let turn = 1; turn <= 3; turn++) {
      const runs = held.map(async (one, at) => {
        const { scores, state } = await putNumbers(lanes[at % 2] ?? fail(), one.entity, one.state, [1], [turn]);
        expect(scores).toEqual([one.sum + 1, one.sum + 1 + turn]);
        return { ...one, sum: one.sum + 1 + turn, state };
      });
      held = await Promise.all(runs);
    }
    expect(server.mostOpen).toBeLessThanOrEqual(3);
  });
});

const fail = (): never => {
  throw new Error('there are two lanes');
};
