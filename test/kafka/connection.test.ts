import { expect, test } from '@jest/globals';
import { logLevel } from 'kafkajs';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import { tokenFrom } from '../../src/kafka/oauth-bearer.ts';

test('kafkajs says nothing, unless someone listens', () => {
  expect(kafkaConfig({ brokers: ['a:1'] }).logLevel).toBe(logLevel.NOTHING);
  const heard: unknown[] = [];
  const { logCreator, logLevel: level } = kafkaConfig({ brokers: ['a:1'] }, { listen: (entry) => heard.push(entry) });
  const log = { timestamp: '', message: 'it rains' };
  logCreator?.(logLevel.WARN)({ namespace: '', level: logLevel.WARN, label: 'WARN', log });
  expect([level, heard.length]).toEqual([logLevel.WARN, 1]);
});

test('TLS and a login are asked for only where they are named', () => {
  expect(kafkaConfig({ brokers: ['a:1'] })).not.toMatchObject({ ssl: expect.anything() });
  const password = { reveal: () => 'hunter2' };
  const sasl = { mechanism: 'plain', username: 'me', password } as const;
  expect(kafkaConfig({ brokers: ['a:1'], tls: {}, sasl })).toMatchObject({
    ssl: {},
    sasl: { mechanism: 'plain', username: 'me', password: 'hunter2' },
  });
});

test.each([
  ['echo " abc.def "', 'abc.def'],
  [`echo '{"access_token": "abc", "expires_in": 60}'`, 'abc'],
])('a token is what the command prints: %s', async (command, token) => {
  expect(await tokenFrom(command)).toBe(token);
});

test.each([
  ['echo hunter2 >&2; echo hunter2; exit 3', /failed \(3\)/],
  ['echo it is hunter2', /printed no token/],
  [`echo '{"error": "hunter2"}'`, /printed no token/],
  [`echo '{hunter2'`, /printed no token/],
  ['true hunter2', /printed no token/],
])('a command that prints none is said to, without what it holds: %s', async (command, says) => {
  const failed = await tokenFrom(command).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 'kafka-unavailable', detail: expect.stringMatching(says) });
  expect((failed as Error).cause).toBeUndefined();
  expect(String(failed)).not.toContain('hunter2');
});
