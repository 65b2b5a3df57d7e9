import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { ISocketFactory, KafkaConfig } from 'kafkajs';

// kafkajs' public interface ends above the connection, and downlink begins there. These are the inner parts that it uses,
// as they are in exactly this version.
const version = '2.2.4';

const require = createRequire(import.meta.url);
const found = (require('kafkajs/package.json') as { version: string }).version;
if (found !== version)
  throw new Error(`kafkajs ${found} is installed, but downlink is built on the insides of ${version}`);

export interface RequestQueue {
  pending: readonly unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

export interface QueuedRequest {
  readonly entry: {
    readonly apiKey: number;
    readonly apiName: string;
    readonly apiVersion: number;
    readonly correlationId: number;
    readonly resolve: (answer: { readonly payload: Buffer }) => void;
    readonly reject: (error: unknown) => void;
  };
  readonly expectResponse: true;
  readonly requestTimeout: number;
  readonly sendRequest: () => void;
}

export interface Connection {
  readonly socket: Socket;
  readonly clientId: string;
  readonly requestQueue: RequestQueue & {
    push(request: QueuedRequest): void;
    maybeThrottle(ms: number): void;
  };
  isConnected(): boolean;
  isAuthenticated(): boolean;
  authenticate(): Promise<void>;
  nextCorrelationId(): number;
}

export interface ConnectionPool {
  /** The first is for everything but kafkajs' own fetches. */
  readonly pool: readonly [Connection, ...unknown[]];
}

export interface BrokerConnection {
  readonly connectionPool: ConnectionPool;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
}

interface Logger {
  namespace(): Logger;
  debug(): void;
  info(): void;
  warn(): void;
  error(): void;
}

// What kafkajs logs comes back as errors of the calls, too.
export const silent: Logger = {
  namespace: () => silent,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

type PoolBuilder = (options: Readonly<Record<string, unknown>>) => {
  build(address: { host: string; port: number }): Promise<ConnectionPool>;
};
type BrokerClass = new (options: Readonly<Record<string, unknown>>) => BrokerConnection;

const connectionPoolBuilder = require('kafkajs/src/cluster/connectionPoolBuilder') as PoolBuilder;
const Broker = require('kafkajs/src/broker') as BrokerClass;
export const defaultSocketFactory = require('kafkajs/src/network/socketFactory') as () => ISocketFactory;
export const requestQueue = (require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }).prototype;

/** A connection with TLS and SASL done, or the error why not. */
export async function connectTo(config: KafkaConfig, host: string, port: number): Promise<BrokerConnection> {
  const builder = connectionPoolBuilder({
    ...config,
    socketFactory: config.socketFactory ?? defaultSocketFactory(),
    connectionTimeout: config.connectionTimeout ?? 3_000,
    requestTimeout: config.requestTimeout ?? 5_000,
    enforceRequestTimeout: true,
    logger: silent,
  });
  const broker = new Broker({ connectionPool: await builder.build({ host, port }), logger: silent });
  await broker.connect();
  return broker;
}
