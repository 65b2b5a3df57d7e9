import { afterAll, expect, test } from '@jest/globals';
import { asAny, type Session } from '../../src/embedded/broker/apis/api.ts';
import { saslAuthenticate } from '../../src/embedded/broker/apis/36-sasl-authenticate.ts';
import { saslHandshake } from '../../src/embedded/broker/apis/17-sasl-handshake.ts';
import { answerOf } from './kafkajs-wire.ts';
import { someTopics } from './some-topics.ts';

const [secured, open] = [someTopics({ users: { ada: 'secret' } }), someTopics()];
afterAll(() => Promise.all([secured.remove(), open.remove()]));

const nobody = (): Session => ({ user: undefined, mechanism: undefined });
const shake = (mechanism: string, session: Session, on = secured.broker) =>
  answerOf(on, asAny(saslHandshake), 1, mechanism, session);
const say = (token: string, session: Session) =>
  answerOf(secured.broker, asAny(saslAuthenticate), 2, Buffer.from(token), session);

test('a client says who it is with the right password', async () => {
  const session = nobody();
  expect(await shake('PLAIN', session)).toBe(0);
  expect(await say('\0ada\0secret', session)).toEqual({ error: 0, message: null });
  expect(session.user).toBe('ada');
});

test.each(['\0ada\0wrong', '\0eve\0secret', '\0ada', 'eve\0ada\0secret', '\0ada\0secret\0', '\0__proto__\0', ''])(
  'saying it with %j is refused: SASL_AUTHENTICATION_FAILED',
  async (token) => {
    const session = nobody();
    await shake('PLAIN', session);
    expect(await say(token, session)).toMatchObject({ error: 58 });
    expect(session.user).toBeUndefined();
  },
);

test('saying it in another way, without saying in which, or where nobody is asked, is refused', async () => {
  expect(await shake('SCRAM-SHA-256', nobody())).toBe(33);
  expect(await say('\0ada\0secret', nobody())).toMatchObject({ error: 34 });
  expect(await shake('PLAIN', nobody(), open.broker)).toBe(34);
});
