import { isIP, connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { logLevel, type ISocketFactory, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import { mendIdleTimer } from './mends/the-idle-timer-spins.ts';
import { oauthBearer } from './oauth-bearer.ts';

// Whatever part of kafkajs is used, its settings come from here.
mendIdleTimer();

/** Where Kafka is, and what opens it. Certificates and keys are PEM texts, not paths. */
export interface KafkaAddress {
  readonly brokers: readonly string[];
  readonly clientId?: string;
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
  };
  readonly sasl?: PasswordLogin | TokenLogin;
}

interface PasswordLogin {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: { reveal(): string };
}

interface TokenLogin {
  readonly mechanism: 'oauthbearer';
  /**
   * What prints a token: as it is, or as JSON with an `access_token`. The shell runs it as the operator wrote it, with
   * downlink's rights and environment, so it belongs to the operator alone, as the program's own start command does.
   */
  readonly tokenCommand: string;
}

export interface ClientOptions {
  /** Other connections than the network's own: tests put a misbehaving network in between. */
  readonly socketFactory?: ISocketFactory;
  /** Takes what kafkajs has to say of warnings and errors; without it, it says nothing: all of it comes back as errors, too. */
  readonly listen?: (entry: LogEntry) => void;
}

const keepAliveMs = 60_000;

/** The one way in which downlink configures kafkajs, for every use of it. */
export function kafkaConfig(address: KafkaAddress, { socketFactory, listen }: ClientOptions = {}): KafkaConfig {
  const { brokers, clientId = 'downlink', tls, sasl } = address;
  return {
    brokers: [...brokers],
    clientId,
    ...(tls === undefined ? {} : { ssl: { ...tls } }),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
    // The default of 1 s is too short for a handshake with a broker that is busy starting.
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    // A request may ask for more; none gets less than this, so a dead broker is not noticed before.
    requestTimeout: 5_000,
    // Comes back soon, gives up after about ten seconds: above it the runner goes on trying for as long as it takes.
    retry: { initialRetryTime: 50, maxRetryTime: 2_000, factor: 0.2, multiplier: 2, retries: 10 },
    socketFactory: socketFactory ?? promptSockets,
    logLevel: listen === undefined ? logLevel.NOTHING : logLevel.WARN,
    logCreator: () => listen ?? (() => undefined),
  };
}

/**
 * kafkajs' own, but without Nagle's algorithm: with it, a small request that follows another waits for the broker's
 * delayed acknowledgement, up to 40 ms.
 */
const promptSockets: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  // Where kafkajs' types promise an object, there is none without TLS.
  const tls = ssl as typeof ssl | null;
  // A name is what the certificate is checked against; an address cannot be sent as one.
  const socket =
    tls === null
      ? connectPlain({ host, port }, onConnect)
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAliveMs);
  return socket;
};

function saslOf(sasl: NonNullable<KafkaAddress['sasl']>): NonNullable<KafkaConfig['sasl']> {
  if (sasl.mechanism !== 'oauthbearer') {
    const { mechanism, username, password } = sasl;
    return { mechanism, username, password: password.reveal() } as SASLOptions;
  }
  return oauthBearer(sasl.tokenCommand);
}
