import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { openChannel, type Channel } from '../../../src/kserve/client.ts';
import type { InferResponse } from '../../../src/kserve/infer.ts';
import { Refusal } from '../../../src/kserve/status.ts';
import { openStream } from '../../../src/kserve/stream.ts';
import type { Asked, TensorText } from './conversations.ts';
import { decode, requestOf } from './tensors.ts';

/** A request to `acc`: each number v is a sample [v, 10 v]. */
interface Step {
  readonly model?: string;
  readonly id?: string;
  readonly sequence?: string | number;
  readonly start?: boolean;
  readonly end?: boolean;
  readonly x?: readonly number[];
  readonly from?: readonly number[];
  /** Instead of what `x` and `from` say. */
  readonly inputs?: readonly TensorText[];
}

const tensor = (name: string, shape: readonly number[], data: readonly number[]): TensorText => ({
  name,
  datatype: 'FP32',
  shape,
  data,
});
const samples = (...x: readonly number[]): TensorText =>
  tensor(
    'x',
    [1, x.length, 2],
    x.flatMap((v) => [v, 10 * v]),
  );
const initial = tensor('h_init', [1, 2], [0, 0]);

function asked({ model = 'acc', id = '', sequence, start, end, x = [1], from = [0, 0], inputs }: Step): Asked {
  const named = typeof sequence === 'number' ? { int64_param: sequence } : { string_param: sequence ?? '' };
  return {
    model_name: model,
    id,
    parameters: {
      ...(sequence === undefined ? {} : { sequence_id: named }),
      ...(start === undefined ? {} : { sequence_start: { bool_param: start } }),
      ...(end === undefined ? {} : { sequence_end: { bool_param: end } }),
    },
    inputs: inputs ?? [samples(...x), { ...initial, data: from }],
  };
}

/** The sums after each sample, and how many samples the sequence has seen; or why there are none. */
type Answer =
  { readonly y: readonly unknown[]; readonly n: unknown } | { readonly status: string; readonly why: string };

function sumsOf({ outputs }: InferResponse): Answer {
  const of = (name: string): readonly unknown[] => outputs.filter((one) => one.name === name).flatMap(decode);
  return { y: of('y'), n: of('n_out')[0] };
}

const refused = (why: string, status = 'INVALID_ARGUMENT'): Answer => ({ status, why });
const needsStart = (sequence: string | number, model = 'acc'): Answer =>
  refused(
    `inference request for sequence ${sequence} to model '${model}' must specify the START flag on the first request of the sequence`,
  );
const shapeRefused = (id: string): string =>
  `[request id: ${id}] unexpected shape for input 'x' for model 'acc'. Expected [-1,-1,2], got [1,1,3]. NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input shape. If you want to specify the full shape including the batch dim in your input dims config, try setting max_batch_size to zero. See the model configuration docs for more info on max_batch_size.`;

const patientMs = 10_000;

/** All requests at once on one stream; what came, in the order in which it came. */
function streamed(
  address: string,
  steps: readonly Step[],
): Promise<readonly { id: string; answer: Answer | string }[]> {
  return new Promise((resolve, reject) => {
    const came: { id: string; answer: Answer | string }[] = [];
    const stream = openStream(
      { address },
      {
        answered: ({ error, response }) => {
          came.push({ id: response.id, answer: error === '' ? sumsOf(response) : error });
        },
        ended: (refusal) => {
          if (refusal === undefined) resolve(came);
          else reject(refusal);
        },
      },
    );
    for (const step of steps) stream.send(requestOf(asked(step)));
    stream.halfClose();
  });
}

/** The rules of the sequence batcher that do not depend on what computes; `address` is asked for when tests run. */
export function holdsTheRules(address: () => string): void {
  let channel: Channel;
  beforeAll(() => {
    channel = openChannel({ address: address() });
  });
  afterAll(() => {
    channel.close();
  });
  const infer = (step: Step): Promise<InferResponse> => channel.infer(requestOf(asked(step)), patientMs);
  const ask = async (step: Step): Promise<Answer> => {
    try {
      return sumsOf(await infer(step));
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      return refused(thrown.message, thrown.status);
    }
  };

  describe('a sequence', () => {
    test('goes on where it was, from the state that it began with', async () => {
      const sequence = 'goes on';
      const first = await ask({ sequence, start: true, x: [1, 2], from: [100, 200] });
      expect(first).toEqual({ y: [101, 210, 103, 230], n: 2 });
      // Only START looks at it.
      expect(await ask({ sequence, x: [3], from: [7, 7] })).toEqual({ y: [106, 260], n: 3 });
      await ask({ sequence, end: true });
    });

    test.each(['nobody began it', 77])('%j is refused without START', async (sequence) => {
      expect(await ask({ sequence })).toEqual(needsStart(sequence));
      expect(await ask({ sequence, end: true })).toEqual(needsStart(sequence));
    });

    test.each([{}, { sequence: '' }, { sequence: 0 }])('has an id: %j is none', async (step) => {
      const none = refused("inference request to model 'acc' must specify a non-zero or non-empty correlation ID");
      expect(await ask({ ...step, start: true })).toEqual(none);
    });

    test('of a single request with START and END is answered and gone', async () => {
      const sequence = 'both';
      expect(await ask({ sequence, start: true, end: true, x: [4] })).toEqual({ y: [4, 40], n: 1 });
      expect(await ask({ sequence })).toEqual(needsStart(sequence));
    });

    test('that lives begins anew with START', async () => {
      const sequence = 'again';
      await ask({ sequence, start: true, x: [1, 1, 1] });
      expect(await ask({ sequence, start: true, x: [5], from: [1, 1] })).toEqual({ y: [6, 51], n: 1 });
      expect(await ask({ sequence, end: true, x: [1] })).toEqual({ y: [7, 61], n: 2 });
    });

    test('is forgotten after END, whose request is still part of it', async () => {
      const sequence = 'ends';
      await ask({ sequence, start: true, x: [1] });
      expect(await ask({ sequence, end: true, x: [2] })).toEqual({ y: [3, 30], n: 2 });
      expect(await ask({ sequence })).toEqual(needsStart(sequence));
    });

    test('may have an id of 128 characters, and of no more', async () => {
      const longest = 'i'.repeat(128);
      expect(await ask({ sequence: longest, start: true })).toEqual({ y: [1, 10], n: 1 });
      expect(await ask({ sequence: longest, end: true })).toEqual({ y: [2, 20], n: 2 });
      const tooLong = refused('string correlation ID cannot be longer than 128 characters', 'UNIMPLEMENTED');
      expect(await ask({ sequence: `${longest}i`, start: true })).toEqual(tooLong);
    });

    test('with a number for its id is another than the one with the same text', async () => {
      await ask({ sequence: 5, start: true, x: [1] });
      expect(await ask({ sequence: '5' })).toEqual(needsStart(5));
      await ask({ sequence: '5', start: true, x: [100] });
      expect(await ask({ sequence: 5, end: true, x: [1] })).toEqual({ y: [2, 20], n: 2 });
      expect(await ask({ sequence: '5', end: true, x: [1] })).toEqual({ y: [101, 1010], n: 2 });
    });
  });

  test('requests sent at once on a stream are computed, and answered, in the order in which they were sent', async () => {
    const names = ['p', 'q', 'r'];
    const [turns, last] = [60, 19];
    const steps = Array.from({ length: turns }, (_, at): Step => {
      const [of, turn] = [at % 3, Math.floor(at / 3)];
      const flags = { ...(turn === 0 ? { start: true } : {}), ...(turn === last ? { end: true } : {}) };
      return { id: `${at}`, sequence: `piped ${names[of]}`, x: [2 ** of], ...flags };
    });
    const expected = steps.map(({ id }, at) => {
      const [n, sum] = [Math.floor(at / 3) + 1, 2 ** (at % 3) * (Math.floor(at / 3) + 1)];
      return { id, answer: { y: [sum, 10 * sum], n } };
    });
    expect(await streamed(address(), steps)).toEqual(expected);
  });

  test('a stream goes on after errors, which come in their places', async () => {
    const sequence = 'mends';
    const wrong = [tensor('x', [1, 1, 3], [1, 2, 3]), initial];
    const came = await streamed(address(), [
      { id: 'a', sequence, start: true, x: [1] },
      { id: 'b', sequence, inputs: wrong },
      { id: 'c', sequence: 'nobody began it' },
      { id: 'd', model: 'nope', sequence },
      { id: 'e', sequence, x: [2] },
      { id: 'f', start: true },
      { id: 'g', sequence, end: true, x: [3] },
    ]);
    expect(came).toEqual([
      { id: 'a', answer: { y: [1, 10], n: 1 } },
      { id: 'b', answer: shapeRefused('b') },
      { id: 'c', answer: expect.stringContaining('must specify the START flag') },
      { id: 'd', answer: "Request for unknown model: 'nope' is not found" },
      { id: 'e', answer: { y: [3, 30], n: 2 } },
      { id: 'f', answer: expect.stringContaining('must specify a non-zero or non-empty correlation ID') },
      { id: 'g', answer: { y: [6, 60], n: 3 } },
    ]);
  });

  describe('slots and idleness', () => {
    const model = 'acc_small';
    /** Of the pause that was asked for, none that a busy machine made longer than `mostMs`. */
    const afterPause = async (ms: number, mostMs: number, step: Step): Promise<Answer | 'late'> => {
      const began = performance.now();
      await delay(ms);
      const answer = await ask(step);
      return performance.now() - began < mostMs ? answer : 'late';
    };

    test('a sequence without requests is gone after its second, and not before', async () => {
      let alive: Answer | 'late' = 'late';
      for (let turn = 0; turn < 5 && alive === 'late'; turn++) {
        await ask({ model, sequence: 'idle', start: true });
        alive = await afterPause(900, 990, { model, sequence: 'idle' });
      }
      expect(alive).toEqual({ y: [2, 20], n: 2 });
      await delay(1_300);
      expect(await ask({ model, sequence: 'idle' })).toEqual(needsStart('idle', model));
    });

    test('a START that finds no slot waits until one is free', async () => {
      await Promise.all(['1', '2'].map((sequence) => ask({ model, sequence, start: true })));
      let answered = false;
      const third = ask({ model, sequence: '3', start: true, x: [9] }).finally(() => (answered = true));
      await delay(300);
      expect(answered).toBe(false);
      expect(await ask({ model, sequence: '1', end: true })).toMatchObject({ n: 2 });
      expect(await third).toEqual({ y: [9, 90], n: 1 });
      // It was not the one that fell silent which made room.
      expect(await ask({ model, sequence: '2', end: true })).toMatchObject({ n: 2 });
      expect(await ask({ model, sequence: '3', end: true })).toMatchObject({ n: 2 });
    });
  });

  test('all outputs come where none is named, else those, each once', async () => {
    const step: Step = { sequence: 'outputs', start: true, end: true };
    // Their order is the backend's own: ONNX Runtime's is the alphabet (transcripts.json), in Python it is the model's.
    const names = ({ outputs }: InferResponse): readonly string[] => outputs.map(({ name }) => name).sort();
    expect(names(await infer(step))).toEqual(['h_out', 'n_out', 'y']);
    const request = requestOf({ ...asked(step), outputs: ['y', 'h_out', 'y'] });
    expect(names(await channel.infer(request, patientMs))).toEqual(['h_out', 'y']);
  });

  describe('what a request may hold', () => {
    const counted = (count: number, got: string, lacking: string): string =>
      `[request id: q] expected 2 inputs but got ${count} inputs for model 'acc'. Got input(s) [${got}], but missing required input(s) ${lacking}. Please provide all required input(s).`;
    const [one, two] = [samples(1), samples(1, 1)];
    test.each<readonly [string, readonly TensorText[], string]>([
      ['a wrong shape', [tensor('x', [1, 1, 3], [1, 2, 3]), initial], shapeRefused('q')],
      [
        'two batches',
        [tensor('x', [2, 1, 2], [1, 1, 1, 1]), tensor('h_init', [2, 2], [0, 0, 0, 0])],
        "inference request to model 'acc' must specify batch-size 1 due to requirements of sequence batcher",
      ],
      [
        'a wrong datatype',
        [{ ...one, datatype: 'FP64' }, initial],
        "[request id: q] inference input 'x' data-type is 'FP64', but model 'acc' expects 'FP32'",
      ],
      [
        'too few bytes',
        [{ ...two, data: [1] }, initial],
        "[request id: q] input byte size mismatch for input 'x' for model 'acc'. Expected 16, got 4",
      ],
      ['a missing input', [one], counted(1, "'x'", "['h_init']")],
      ['no input', [], counted(0, '', "['x','h_init']")],
      ['an unknown input', [one, tensor('zz', [1, 2], [0, 0])], "unexpected inference input 'zz' for model 'acc'"],
      ['an input twice', [one, one], "[request id: q] input 'x' already exists in request"],
    ])('not %s', async (_, inputs, why) => {
      expect(await ask({ id: 'q', sequence: 'wrong', start: true, inputs })).toEqual(refused(why));
      expect(await ask({ sequence: 'wrong' })).toEqual(needsStart('wrong'));
    });

    test('not the name of a model that is not there, or of a version', async () => {
      const unknown = refused("Request for unknown model: 'nope' is not found", 'NOT_FOUND');
      expect(await ask({ model: 'nope', sequence: 'model', start: true })).toEqual(unknown);
      const request = requestOf({ ...asked({ sequence: 'model', start: true }), model_version: '7' });
      await expect(channel.infer(request, patientMs)).rejects.toMatchObject({
        status: 'NOT_FOUND',
        message: "Request for unknown model: 'acc' version 7 is not found",
      });
    });
  });
}
