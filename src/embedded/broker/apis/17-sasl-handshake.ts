import { kafkaError } from '../errors.ts';
import type { Api } from './api.ts';

export const mechanisms: readonly string[] = ['PLAIN'];

// mechanism -> error i16, [mechanism]
export const saslHandshake: Api<string, number> = {
  key: 17,
  name: 'SaslHandshake',
  // What follows the first version is no request at all; librdkafka wants it to be there, and never uses it.
  served: { min: 1, max: 1 },
  advertised: { min: 0, max: 1 },
  flexibleFrom: Infinity,
  read: (from) => from.string(),
  write: (to, error) => {
    to.int16(error).array(mechanisms, (one) => to.text(one));
  },
  refuse: (_, error) => error,
  handle: (mechanism, { broker, session }) => {
    if (broker.settings.users === undefined) return kafkaError.illegalSaslState;
    if (!mechanisms.includes(mechanism)) return kafkaError.unsupportedSaslMechanism;
    session.mechanism = mechanism;
    return kafkaError.none;
  },
};
