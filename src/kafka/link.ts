import type { KafkaConfig } from 'kafkajs';
import { classify, DownlinkError } from '../errors.ts';
import { apiVersions, type Supported } from './api/18-api-versions.ts';
import type { Api } from './api/api.ts';
import { connectTo, type BrokerConnection } from './kafkajs-internals.ts';
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
    if (broken) throw new DownlinkError('kafka-unavailable', `${place}: the connection is closed`);
    try {
      return (await broker.connectionPool.send({
        request: {
          apiKey: api.key,
          apiVersion: version,
          apiName: api.name,
          encode: () => encoded(api, request, version),
        },
        response: { decode: (bytes) => decoded(api, bytes, version), parse: ({ value }) => value },
        requestTimeout: timeoutMs,
        logResponseError: false,
      })) as Response;
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

/** As kafkajs wants it: a flexible version's header ends with its tags, which kafkajs' own headers do not have. */
function encoded<Request>(api: Api<Request, unknown>, request: Request, version: number) {
  const out = new Out();
  if (api.flexible) out.noTags();
  api.write(out, request, version);
  const buf = out.bytes();
  return { buf, buffer: buf, size: () => buf.length };
}

function decoded<Response>(api: Api<never, Response>, bytes: Buffer, version: number) {
  const answer = new In(bytes);
  // Alone among all, the answer to ApiVersions has no tags in its header: who asks may not know the versions yet.
  if (api.flexible && api.key !== apiVersions.key) answer.tags();
  const value = api.read(answer, version);
  return { value, clientSideThrottleTime: answer.throttleMs };
}

function codedFailure(thrown: unknown, place: string): DownlinkError {
  if (thrown instanceof DownlinkError) return thrown;
  const { name, detail } = { name: thrown instanceof Error ? thrown.name : '', detail: classify(thrown).detail };
  const refused = /SASL/.test(name) || /certificate/i.test(detail);
  return new DownlinkError(refused ? 'kafka-refused' : 'kafka-unavailable', `${place}: ${detail}`, { cause: thrown });
}
