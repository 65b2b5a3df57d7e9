import { describe, expect, test } from '@jest/globals';
import type { InferResponse } from '../../../src/kserve/infer.ts';
import type { TensorText } from './conversations.ts';
import {
  asked,
  askingAt,
  initial,
  needsStart,
  patientMs,
  refused,
  samples,
  shapeRefused,
  tensor,
  type Step,
} from './real-triton-steps.ts';
import { requestOf } from './tensors.ts';

/** What is answered, and what a request may hold. */
export function holdsTheRulesOfRequests(address: () => string): void {
  const { channel, infer, ask } = askingAt(address);

  test('all outputs come where none is named, else those, each once', async () => {
    const step: Step = { sequence: 'outputs', start: true, end: true };
    // Their order is the backend's own: ONNX Runtime's is the alphabet (transcripts.json), in Python it is the model's.
    const names = ({ outputs }: InferResponse): readonly string[] => outputs.map(({ name }) => name).sort();
    expect(names(await infer(step))).toEqual(['h_out', 'n_out', 'y']);
    const request = requestOf({ ...asked(step), outputs: ['y', 'h_out', 'y'] });
    expect(names(await channel().infer(request, patientMs))).toEqual(['h_out', 'y']);
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
      await expect(channel().infer(request, patientMs)).rejects.toMatchObject({
        status: 'NOT_FOUND',
        message: "Request for unknown model: 'acc' version 7 is not found",
      });
    });
  });
}
