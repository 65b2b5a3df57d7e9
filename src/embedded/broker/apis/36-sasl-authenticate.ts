import { createHash, timingSafeEqual } from 'node:crypto';
import { kafkaError, Refused } from '../errors.ts';
import type { Api } from './api.ts';
import { outcomeOf, type Outcome } from './outcome.ts';

// bytes: on whose behalf, 0, user, 0, password -> error i16, text?, bytes, session's lifetime in ms i64 (1+)
export const saslAuthenticate: Api<Buffer, Outcome> = {
  key: 36,
  name: 'SaslAuthenticate',
  served: { min: 0, max: 2 },
  flexibleFrom: 2,
  read: (from) => from.bytes() ?? Buffer.alloc(0),
  write: (to, { error, message }, version) => {
    to.int16(error).text(message).bytes(Buffer.alloc(0));
    // It ends with the connection.
    if (version >= 1) to.int64(0n);
    to.tags();
  },
  refuse: (_, error) => ({ error, message: null }),
  handle: (token, { broker, session }) =>
    outcomeOf(() => {
      if (session.mechanism === undefined)
        throw new Refused(kafkaError.illegalSaslState, 'SaslAuthenticate before SaslHandshake');
      session.user = undefined;
      session.user = userIn(token, broker.settings.users ?? {});
      session.mechanism = undefined;
    }),
};

function userIn(token: Buffer, users: Readonly<Record<string, string>>): string {
  const [behalf = '', user = '', password = '', ...more] = token.toString('utf8').split('\0');
  const known = Object.hasOwn(users, user) ? users[user] : undefined;
  // Somebody unknown takes as long as a wrong password.
  const right = timingSafeEqual(digest(password), digest(known ?? ''));
  if (known === undefined || !right || more.length > 0 || (behalf !== '' && behalf !== user))
    throw new Refused(kafkaError.saslAuthenticationFailed, 'Authentication failed: Invalid username or password');
  return user;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
