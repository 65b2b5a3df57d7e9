import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { unread } from '../../src/cli/unread.ts';

const failure = (code: string) => Object.assign(new Error(code), { code });

test('an output that nobody reads any more is no failure, however often it is written to', async () => {
  const output = new EventEmitter();
  const told = unread(output);
  for (const code of ['EPIPE', 'EPIPE', 'ERR_STREAM_DESTROYED']) output.emit('error', failure(code));
  await told;
});

test('any other failure of an output stays one', () => {
  const output = new EventEmitter();
  unread(output).catch(() => undefined);
  expect(() => output.emit('error', failure('ENOSPC'))).toThrow('ENOSPC');
});
