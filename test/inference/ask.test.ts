import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInference, type OpenInference } from '../../src/inference/inference.ts';
import type { Event } from '../../src/telemetry/events.ts';
import { recorded, writeModel } from '../contract/inference/repositories.ts';
import { startServer } from '../contract/inference/server-process.ts';
import { serve, type Served } from '../inference-server/served.ts';

const never = new AbortController().signal;
const model = 'slow_plain';
/** y = x after so many milliseconds, and how many requests were computed together. */
const { config, onnx } = recorded(model, 20);
const batched = { config: `${config.replace('count: 2', 'count: 1')}\ndynamic_batching { }`, onnx };

let server: Served;
let inference: OpenInference;
const told: Event[] = [];
beforeAll(async () => {
  server = await serve({ [model]: batched });
  inference = openInference({
    addresses: [server.address],
    metadata: new Map(),
    emit: (event) => told.push(event),
  });
});
afterAll(async () => {
  inference.close();
  await server.end();
});

const question = (x: number, ms: number, timeoutMs = 10_000) => ({
  model,
  inputs: {
    x: { shape: [1, 1], data: Float32Array.of(x) },
    ms: { shape: [1, 1], data: BigInt64Array.of(BigInt(ms)) },
  },
  timeoutMs,
});
const unavailable = { code: 'inference-unavailable' };

test('two hundred questions at once are answered each with its own, and computed together', async () => {
  const asked = Array.from({ length: 200 }, (_, at) => inference.ask(question(at / 4, 0), never));
  const answers = await Promise.all(asked);
  expect(answers.map(({ outputs }) => outputs['y'])).toEqual(
    answers.map((_, at) => ({ shape: [1, 1], data: Float32Array.of(at / 4) })),
  );
  expect(answers[0]?.version).toBe('1');
  const together = answers.map(({ outputs }) => outputs['in_batch']?.data[0]);
  expect(together.every((rows) => typeof rows === 'bigint')).toBe(true);
  expect(together).toContain(4n);
  expect(told).toEqual(answers.map(() => ({ event: 'inferred', model, ms: expect.any(Number), rows: 1 })));
});

test('an answer that comes too late, or that nobody wants any more, is a matter of waiting', async () => {
  await expect(inference.ask(question(1, 500, 50), never)).rejects.toMatchObject(unavailable);
  const giveUp = new AbortController();
  const asked = inference.ask(question(1, 500), giveUp.signal);
  giveUp.abort();
  await expect(asked).rejects.toMatchObject({ ...unavailable, detail: expect.stringContaining('no longer wanted') });
});

test.each([
  ['a shape', { x: { shape: [1, 2], data: new Float32Array(2) } }, /\[1,2\]/],
  ['a type', { x: { shape: [1, 1], data: new Float64Array(1) } }, /data-type is 'FP64'/],
  ['a name', { z: { shape: [1, 1], data: new Float32Array(1) } }, /'z'/],
])('%s that the model does not take is refused in its own words, with model and place', async (_, wrong, says) => {
  const { ms } = question(0, 0).inputs;
  const thrown = await inference
    .ask({ model, inputs: { ms, ...wrong }, timeoutMs: 5_000 }, never)
    .catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code: 'inference-refused', detail: expect.stringMatching(says) });
  expect((thrown as Error).message).toContain(`asking ${model} on ${server.address}`);
});

test('a model that is not there is named', async () => {
  const asked = inference.ask({ ...question(0, 0), model: 'nope' }, never);
  await expect(asked).rejects.toMatchObject({ code: 'model-unusable', detail: expect.stringContaining('model nope') });
});

test('a model that the server knows and has not loaded is waited for', async () => {
  const empty = await serve({ [model]: batched }, { control: 'explicit', load: [model] });
  const own = openInference({ addresses: [empty.address], metadata: new Map() });
  await empty.channel.call('RepositoryModelUnload', { model_name: model }, 5_000);
  const says = expect.stringContaining('has no available versions');
  await expect(own.ask(question(1, 0), never)).rejects.toMatchObject({ ...unavailable, detail: says });
  await empty.channel.call('RepositoryModelLoad', { model_name: model }, 5_000);
  expect((await own.ask(question(1, 0), never)).outputs['y']?.data).toEqual(Float32Array.of(1));
  own.close();
  await empty.end();
});

test('a server that dies fails what it had, all of it, and another one answers instead', async () => {
  const repository = mkdtempSync(join(tmpdir(), 'downlink-ask-'));
  writeModel(repository, model, batched);
  const mortal = await startServer(repository);
  const alone = openInference({ addresses: [mortal.grpc], metadata: new Map() });
  const both = openInference({ addresses: [mortal.grpc, server.address], metadata: new Map() });
  try {
    await Promise.all([alone.ask(question(0, 0), never), both.ask(question(0, 0), never)]);
    const lost = Array.from({ length: 8 }, () => alone.ask(question(1, 300), never));
    const moved = Array.from({ length: 8 }, (_, at) => both.ask(question(at, 100), never));
    setTimeout(() => {
      mortal.signal('SIGKILL');
    }, 50);
    for (const end of await Promise.allSettled(lost)) expect(end).toMatchObject({ reason: unavailable });
    expect((await Promise.all(moved)).map(({ outputs }) => outputs['y']?.data[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    await expect(alone.ask(question(1, 0), never)).rejects.toMatchObject({
      ...unavailable,
      detail: expect.stringContaining(`asking ${model} on ${mortal.grpc}`),
    });
    for (const x of [1, 2, 3])
      expect((await both.ask(question(x, 0), never)).outputs['y']?.data).toEqual(Float32Array.of(x));
  } finally {
    alone.close();
    both.close();
    await mortal.stop();
    rmSync(repository, { recursive: true });
  }
}, 30_000);
