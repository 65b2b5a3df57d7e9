import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { toldToStop } from '../../src/cli/told.ts';

function watched() {
  const process = new EventEmitter();
  const seen = { told: false, exits: 0 };
  toldToStop(process, () => (seen.exits += 1)).then(
    () => (seen.told = true),
    () => undefined,
  );
  const say = async (sign: string, message?: unknown) => {
    process.emit(sign, message);
    await new Promise(setImmediate);
    return { ...seen };
  };
  return say;
}

test.each(['SIGINT', 'SIGTERM', 'disconnect'])(
  'the first %s ends what is begun, the second the process',
  async (sign) => {
    const say = watched();
    expect(await say(sign)).toEqual({ told: true, exits: 0 });
    expect(await say(sign)).toEqual({ told: true, exits: 1 });
  },
);

test('the message of a supervisor is no second time, what follows it is; any other message is none', async () => {
  const say = watched();
  expect(await say('message', 'hello')).toEqual({ told: false, exits: 0 });
  expect(await say('SIGINT')).toEqual({ told: true, exits: 0 });
  expect(await say('message', 'stop')).toEqual({ told: true, exits: 0 });
  expect(await say('disconnect')).toEqual({ told: true, exits: 1 });
});
