import { describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { openStream } from '../../../src/kserve/stream.ts';
import {
  asked,
  askingAt,
  initial,
  needsStart,
  refused,
  shapeRefused,
  sumsOf,
  tensor,
  type Answer,
  type Step,
} from './real-triton-steps.ts';
import { requestOf } from './tensors.ts';

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

/** The rules of the sequence batcher that do not depend on what computes. */
export function holdsTheRulesOfSequences(address: () => string): void {
  const { ask } = askingAt(address);

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
}
