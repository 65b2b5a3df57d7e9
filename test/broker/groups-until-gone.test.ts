import { expect, test } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { untilGone } from '../../src/embedded/broker/groups/until-gone.ts';

const never = new Promise<number>(() => undefined);

test('an answer comes, and nothing is listened for any more', async () => {
  const { signal } = new AbortController();
  expect(await untilGone(signal, Promise.resolve(1))).toBe(1);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await expect(untilGone(signal, Promise.reject(new Error('wrong')))).rejects.toThrow('wrong');
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('nobody waits for it: nothing is answered, whether they go now or are gone already', async () => {
  const connection = new AbortController();
  const answer = untilGone(connection.signal, never);
  connection.abort();
  expect(await answer).toBeUndefined();
  expect(await untilGone(connection.signal, never)).toBeUndefined();
});
