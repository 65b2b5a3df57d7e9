import { expect, test } from '@jest/globals';
import { said } from '../../../src/cli/up/line.ts';

const logged = (line: object): string => JSON.stringify({ time: '2026-11-22T12:00:00.000Z', worker: 0, ...line });

test('of what the stages log, a person hears what is wrong and that it is over', () => {
  const error = { code: 'inference-unavailable', detail: 'no answer', remedy: 'wait', attempts: 1, pauseMs: 50 };
  const retrying = { level: 'warn', event: 'retrying', stage: 'infer', partition: 3, ...error };
  expect(said(logged(retrying))).toEqual({
    text: 'infer tries again: inference-unavailable: no answer',
    bad: true,
    key: 'infer retrying inference-unavailable',
  });
  expect(said(logged({ ...retrying, partition: 1, detail: 'another' }))?.key).toBe(said(logged(retrying))?.key);
  const recovered = { level: 'info', event: 'recovered', stage: 'infer', partition: 3, attempts: 2, ms: 800 };
  expect(said(logged(recovered))).toMatchObject({ text: 'infer goes on', bad: false });
  expect(said(logged({ level: 'info', event: 'generation', stage: 'infer' }))).toBeUndefined();
});

test('what is no line of the log is told as it is', () => {
  expect(said('a log cannot be synced: ENOSPC')).toMatchObject({ text: 'a log cannot be synced: ENOSPC', bad: true });
  expect(said('{"half": ')).toMatchObject({ text: '{"half": ', bad: true });
  expect(said('{"other":1}')).toMatchObject({ text: '{"other":1}' });
  expect(said('  ')).toBeUndefined();
});
