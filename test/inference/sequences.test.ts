import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sequences } from '../../src/contract/index.ts';
import { openInference, type OpenInference } from '../../src/inference/inference.ts';
import { eventually } from '../support/eventually.ts';
import { laneOf, putNumbers as put, sums, zero } from '../support/put-numbers.ts';
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

const lane = (): Sequences => laneOf(inference);
const never = new AbortController().signal;

describe('the sequences of a lane', () => {
  test('begin with START and the state, and go on without', async () => {
    const one = lane();
    const first = await put(one, 'S/A', Float32Array.of(10), [1, 2], [3]);
    expect(first).toMatchObject({ scores: [11, 13, 16], version: '3' });
    expect((await put(one, 'S/A', first.state, [1])).scores).toEqual([17]);
    expect(server.starts).toEqual([first.sequence]);
    expect(first.sequence).toMatch(/^S\/A@test\.\d+\.1$/);
  });

  test('begin anew where the state asked for is not the one that the server holds, and end the old one', async () => {
    const one = lane();
    const first = await put(one, 'S/A', zero, [1]);
    expect((await put(one, 'S/A', Float32Array.of(5), [1])).scores).toEqual([6]);
    await eventually('the first is ended', () => server.ends.includes(first.sequence));
    expect(server.starts).toHaveLength(2);
    expect(server.open()).toHaveLength(1);
  });

  test('begin anew when the server has forgotten them, and give the same scores', async () => {
    const one = lane();
    const first = await put(one, 'S/A', zero, [1, 1]);
    server.forget();
    expect((await put(one, 'S/A', first.state, [1], [1])).scores).toEqual([3, 4]);
    expect(server.starts).toHaveLength(2);
    expect(new Set(server.starts).size).toBe(2);
  });

  test('begin anew when an answer does not prove where the sequence is', async () => {
    const one = lane();
    const first = await put(one, 'S/A', zero, [1]);
    server.befall('lie about the steps');
    expect((await put(one, 'S/A', first.state, [1])).scores).toEqual([2]);
    expect(server.starts).toHaveLength(2);
  });

  test('end what a predecessor left, before they begin', async () => {
    const left = (await put(lane(), 'S/A', zero, [1])).sequence;
    const run = { entity: 'S/A', model: 'm', place: 0, from: zero, pieces: [Float32Array.of(1)], left };
    await lane().run(run, never);
    expect(server.ends).toEqual([left]);
    expect(server.open()).toHaveLength(1);
  });

  test('fail as a matter of waiting when no answer comes, and go on by themselves later', async () => {
    const one = lane();
    const first = await put(one, 'S/A', zero, [1]);
    server.befall('no answer');
    await expect(put(one, 'S/A', first.state, [1])).rejects.toMatchObject({ code: 'inference-unavailable' });
    await eventually('it goes on', () =>
      put(one, 'S/A', first.state, [1]).then(
        ({ scores }) => scores[0] === 2,
        () => false,
      ),
    );
  });

  test('fail all that is under way when the server dies, and each begins once when it is back', async () => {
    const one = lane();
    const entities = ['S/A', 'S/B', 'S/C'];
    const states = await Promise.all(entities.map(async (entity) => (await put(one, entity, zero, [1])).state));
    server.befall('die', 1);
    const failed = await Promise.allSettled(entities.map((entity, at) => put(one, entity, states[at] ?? zero, [1])));
    expect(failed.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(2);
    for (const end of failed)
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'inference-unavailable' });
    await expect(put(one, 'S/A', zero, [1])).rejects.toMatchObject({ code: 'inference-unavailable' });
    await server.restart();
    const before = server.starts.length;
    for (const [at, entity] of entities.entries())
      await eventually(`${entity} goes on`, () =>
        put(one, entity, states[at] ?? zero, [1]).then(
          ({ scores }) => scores[0] === 2,
          () => false,
        ),
      );
    expect(server.starts.length - before).toBe(3);
  });

  test('let go of a server that is stopping: they are ended, and the stream with them', async () => {
    const one = lane();
    await put(one, 'S/A', zero, [1]);
    server.befall('stop');
    await expect(put(one, 'S/B', zero, [1])).rejects.toMatchObject({ code: 'inference-unavailable' });
    await eventually('all are ended', () => server.open().length === 0);
  });

  test('are ended when the lane closes', async () => {
    const one = lane();
    await put(one, 'S/A', zero, [1]);
    await one.close();
    await eventually('it is ended', () => server.open().length === 0);
  });

  test('of many entities share a stream, 500 runs at a time', async () => {
    const one = laneOf(inference, 10_000);
    const runs = Array.from({ length: 500 }, (_, at) => put(one, `S/${at}`, Float32Array.of(at), [1], [1], [1, 1]));
    const all = await Promise.all(runs);
    expect(all.map(({ scores }) => scores)).toEqual(all.map((_, at) => [at + 1, at + 2, at + 3, at + 4]));
    expect(server.starts).toHaveLength(500);
  });
});

test('a sequence that is idle for half as long as the server waits is begun anew before the server forgets it', async () => {
  const impatient = await startSequenceServer({ idleMicroseconds: 100_000 });
  const own = openInference({ addresses: [impatient.address], metadata: sums });
  const one = laneOf(own);
  const first = await put(one, 'S/A', zero, [1]);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect((await put(one, 'S/A', first.state, [1])).scores).toEqual([2]);
  expect(impatient.starts).toHaveLength(2);
  own.close();
  await impatient.close();
});

test('a model that is not built as it has to be is refused by name', async () => {
  const wrong = openInference({
    addresses: [server.address],
    metadata: new Map([['m', { kind: 'summing', form: 'fleet', sensors: 25, state: [2, 32], entities: {} }]]),
  });
  await expect(put(laneOf(wrong), 'S/A', zero, [1])).rejects.toMatchObject({
    code: 'model-unusable',
    detail: expect.stringContaining('input values is TYPE_FP32 [-1, 1], not TYPE_FP32 [-1, 25]'),
  });
  expect(() => wrong.metadata('other')).toThrow('no metadata.json');
  wrong.close();
});
