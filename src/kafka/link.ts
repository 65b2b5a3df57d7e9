import type { KafkaConfig } from 'kafkajs';
import { classify, DownlinkError } from '../errors.ts';
import { apiVersions, type Supported } from './api/18-api-versions.ts';
import type { Api } from './api/api.ts';
import { connectTo, type BrokerConnection, type Connection } from './kafkajs-internals.ts';
import { mendIdleTimer } from './mends/the-idle-timer-spins.ts';
import { In } from './wire/in.ts';
import { Out } from './wire/out.ts';

mendIdleTimer();

/** One connection to one broker. After any failure it is closed for good: a new one is made, never an old one used again. */
export interface Link {
  readonly supported: Supported;
  send<Request, Response>(api: Api<Request, Response>, request: Request, timeoutMs?: number): Promise<Response>;
  versionOf(api: Pick<Api<never, unknown>, 'key' | 'name' | 'versions'>): number;
  readonly broken: boolean;
  close(): Promise<void>;
}

/** Fails with `kafka-unavailable` (no answer: what a request did is not known) or `kafka-refused` (credentials, versions). */
export async function openLink(config: KafkaConfig, host: string, port: number): Promise<Link> {
  const place = `${host}:${port}`;
  let broker: BrokerConnection;
  try {
    broker = await connectTo(config, host, port);
  } catch (thrown) {
    throw codedFailure(thrown, place);
  }
  const [connection] = broker.connectionPool.pool;
  let broken = false;
  const close = async () => {
    broken = true;
    await broker.disconnect();
  };

  const exchange = async <Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    version: number,
    timeoutMs: number,
  ): Promise<Response> => {
    try {
      // Never connected anew: kafkajs would, for each who asks, and two sockets would feed one decoder.
      if (broken || !connection.isConnected()) throw new Error('the connection is closed');
      if (config.sasl !== undefined && !connection.isAuthenticated()) await connection.authenticate();
      const payload = await ask(connection, api, request, version, timeoutMs);
      const { value, throttleMs } = decoded(api, payload, version);
      connection.requestQueue.maybeThrottle(throttleMs);
      return value;
    } catch (thrown) {
      broken = true;
      broker.disconnect().catch(() => undefined); // it is given up anyway
      throw codedFailure(thrown, `${place}: ${api.name}`);
    }
  };

  const supported = await exchange(apiVersions, null, apiVersions.versions.max, 5_000);
  const versionOf: Link['versionOf'] = ({ key, name, versions: own }) => {
    const theirs = supported.versions.get(key) ?? { min: 0, max: -1 };
    const version = Math.min(own.max, theirs.max);
    if (version >= Math.max(own.min, theirs.min)) return version;
    const offer = `${name} ${theirs.min} to ${theirs.max}, downlink speaks ${own.min} to ${own.max}`;
    throw new DownlinkError('kafka-refused', `${place} is no Kafka that downlink knows: it offers ${offer}`);
  };
  return {
    supported,
    versionOf,
    close,
    send: (api, request, timeoutMs = 5_000) => exchange(api, request, versionOf(api), timeoutMs),
    get broken() {
      return broken;
    },
  };
}

/** kafkajs' own way to send copies a request four times, into buffers twice its size. Its queue, its time-outs and its socket stay. */
function ask<Request>(
  connection: Connection,
  api: Api<Request, unknown>,
  request: Request,
  version: number,
  timeoutMs: number,
): Promise<Buffer> {
  const { socket, clientId, requestQueue } = connection;
  const correlationId = connection.nextCorrelationId();
  const out = new Out().int32(0).int16(api.key).int16(version).int32(correlationId).string(clientId);
  if (api.flexible) out.noTags();
  api.write(out, request, version);
  const parts = out.sized().parts();
  return new Promise((resolve, reject) => {
    requestQueue.push({
      entry: {
        apiKey: api.key,
        apiName: api.name,
        apiVersion: version,
        correlationId,
        resolve: ({ payload }) => {
          resolve(payload);
        },
        reject,
      },
      expectResponse: true,
      requestTimeout: timeoutMs,
      sendRequest: () => {
        socket.cork();
        for (const part of parts) socket.write(part);
        socket.uncork();
      },
    });
  });
}

function decoded<Response>(api: Api<never, Response>, bytes: Buffer, version: number) {
  const answer = new In(bytes);
  // Alone among all, the answer to ApiVersions has no tags in its header: who asks may not know the versions yet.
  if (api.flexible && api.key !== apiVersions.key) answer.tags();
  const value = api.read(answer, version);
  return { value, throttleMs: answer.throttleMs };
}

function codedFailure(thrown: unknown, place: string): DownlinkError {
  if (thrown instanceof DownlinkError) return thrown;
  const { name, detail } = { name: thrown instanceof Error ? thrown.name : '', detail: classify(thrown).detail };
  const refused = /SASL/.test(name) || /certificate/i.test(detail);
  return new DownlinkError(refused ? 'kafka-refused' : 'kafka-unavailable', `${place}: ${detail}`, { cause: thrown });
}
