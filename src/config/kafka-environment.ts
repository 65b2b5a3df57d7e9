import { addresses, oneOf, type Variable } from './variable.ts';
import { Secret } from './secret.ts';
import { tlsFrom, type TlsFiles } from './tls-environment.ts';

/** What the environment says of Kafka. Certificates and keys are paths here: whoever connects reads the files. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly tls: TlsFiles | undefined;
  readonly sasl: SaslSettings | undefined;
}

export type SaslSettings =
  | { readonly mechanism: PasswordMechanism; readonly username: string; readonly password: Secret }
  | { readonly mechanism: 'oauthbearer'; readonly tokenCommand: string };

const passwordMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
type PasswordMechanism = (typeof passwordMechanisms)[number];
const isPasswordMechanism = (name: string): name is PasswordMechanism =>
  (passwordMechanisms as readonly string[]).includes(name);

export const kafkaVariables = {
  DOWNLINK_KAFKA: { about: 'Kafka brokers, host:port with commas between.', wrong: addresses },
  DOWNLINK_KAFKA_TLS: { about: 'true: connect with TLS. Implied by DOWNLINK_KAFKA_CA.', ...oneOf('true', 'false') },
  DOWNLINK_KAFKA_CA: {
    about: "A PEM file with the authority of the brokers' certificates, where it is no public one.",
  },
  DOWNLINK_KAFKA_CERT: { about: 'A PEM file with the certificate that downlink shows.' },
  DOWNLINK_KAFKA_KEY: { about: "A PEM file with that certificate's key." },
  DOWNLINK_KAFKA_SASL: { about: 'How to log in.', ...oneOf(...passwordMechanisms, 'oauthbearer') },
  DOWNLINK_KAFKA_USERNAME: { about: 'Name for Kafka, with plain and scram.' },
  DOWNLINK_KAFKA_PASSWORD: { about: 'Password for Kafka, with plain and scram.' },
  DOWNLINK_KAFKA_TOKEN_COMMAND: {
    about: 'With oauthbearer, a shell command that prints a token, or JSON with an access_token, within 10 s.',
  },
} as const satisfies Record<string, Variable>;

type Name = keyof typeof kafkaVariables;
type Complain = (path: string, what: string, remedy: string) => void;
type Value = (name: Name) => string | undefined;

/** The settings of Kafka; complains of all that does not go together. Single values were judged before. */
export function kafkaFrom(value: Value, complain: Complain): KafkaSettings | undefined {
  const brokers = value('DOWNLINK_KAFKA');
  const tls = tlsFrom('DOWNLINK_KAFKA', value, complain);
  const sasl = saslFrom(value, complain);
  if (brokers !== undefined) {
    return Object.freeze({ brokers: Object.freeze(brokers.split(',').map((address) => address.trim())), tls, sasl });
  }
  for (const name of ['DOWNLINK_KAFKA_TLS', 'DOWNLINK_KAFKA_CA', 'DOWNLINK_KAFKA_SASL'] as const) {
    if (value(name) !== undefined) complain(name, 'stands alone', 'set DOWNLINK_KAFKA too');
  }
  return undefined;
}

function saslFrom(value: Value, complain: Complain): SaslSettings | undefined {
  const mechanism = value('DOWNLINK_KAFKA_SASL');
  const username = value('DOWNLINK_KAFKA_USERNAME');
  const password = value('DOWNLINK_KAFKA_PASSWORD');
  const tokenCommand = value('DOWNLINK_KAFKA_TOKEN_COMMAND');
  const given = {
    DOWNLINK_KAFKA_USERNAME: username,
    DOWNLINK_KAFKA_PASSWORD: password,
    DOWNLINK_KAFKA_TOKEN_COMMAND: tokenCommand,
  };
  const withPassword = ['DOWNLINK_KAFKA_USERNAME', 'DOWNLINK_KAFKA_PASSWORD'];
  const withToken = ['DOWNLINK_KAFKA_TOKEN_COMMAND'];
  // A mechanism that does not exist has been complained of; what would go with it nobody knows.
  const known = mechanism !== undefined && (isPasswordMechanism(mechanism) || mechanism === 'oauthbearer');
  if (mechanism !== undefined && !known) return undefined;
  const needed = mechanism === undefined ? [] : isPasswordMechanism(mechanism) ? withPassword : withToken;
  for (const [name, present] of Object.entries(given)) {
    if (needed.includes(name) && present === undefined) {
      complain(name, 'missing', `DOWNLINK_KAFKA_SASL=${mechanism ?? ''} needs it`);
    }
    if (!needed.includes(name) && present !== undefined) {
      const fitting = withToken.includes(name) ? 'oauthbearer' : passwordMechanisms.join(', ');
      complain(name, 'has no use here', `set DOWNLINK_KAFKA_SASL (${fitting}), or leave it out`);
    }
  }
  if (mechanism === 'oauthbearer' && tokenCommand !== undefined) return Object.freeze({ mechanism, tokenCommand });
  if (mechanism === undefined || !isPasswordMechanism(mechanism)) return undefined;
  if (username === undefined || password === undefined) return undefined;
  return Object.freeze({ mechanism, username, password: new Secret(password) });
}
