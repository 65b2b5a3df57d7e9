import { createRequire } from 'node:module';
import type { AnyApi, Session } from '../../src/embedded/broker/apis/api.ts';
import { apis } from '../../src/embedded/broker/apis/all.ts';
import type { Broker } from '../../src/embedded/broker/broker.ts';
import { Malformed, Reading, Writing } from '../../src/embedded/broker/codec.ts';

interface Wire {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly encode: () => Promise<{ readonly buffer: Buffer }>;
  };
  readonly response: { readonly decode: (bytes: Buffer) => Promise<unknown> };
}
interface Definition {
  readonly versions: readonly string[];
  readonly protocol: (of: { readonly version: number }) => (asked: unknown) => Wire;
}

// kafkajs' own encoders and decoders, which have no types: another's reading of Kafka's layouts.
const load = createRequire(import.meta.url);
export const kafkajs = (load('kafkajs/src/protocol/requests') as { requests: Readonly<Record<string, Definition>> })
  .requests;

/** What the API reads in it. Throws where less is there, or more. */
export function readWhole(api: AnyApi, version: number, body: Buffer): unknown {
  const from = new Reading(body, version >= api.flexibleFrom);
  const request = api.read(from, version);
  from.tags();
  try {
    from.int8();
  } catch (thrown) {
    if (thrown instanceof Malformed) return request;
    throw thrown;
  }
  throw new Error(`${api.name} ${version}: bytes are left`);
}

export function writeWhole(api: AnyApi, version: number, response: unknown): Buffer {
  const to = new Writing(version >= api.flexibleFrom);
  api.write(to, response, version);
  return Buffer.concat(to.parts());
}

export async function writtenByKafkajs(name: string, version: number, asked: unknown): Promise<[AnyApi, Buffer]> {
  const { request } = kafkajs[name]?.protocol({ version })(asked) ?? {};
  const api = apis.get(request?.apiKey ?? -1);
  if (request === undefined || api === undefined) throw new Error(`there is no ${name}`);
  return [api, (await request.encode()).buffer];
}

/** Asked by kafkajs and read by kafkajs, without a connection between. */
export async function ask(broker: Broker, name: string, version: number, asked: unknown): Promise<unknown> {
  const [api, body] = await writtenByKafkajs(name, version, asked);
  const answer = await answerOf(broker, api, version, readWhole(api, version, body));
  return kafkajs[name]
    ?.protocol({ version })(asked)
    .response.decode(writeWhole(api, version, answer));
}

/** What an API answers, before it is written. */
export async function answerOf(
  broker: Broker,
  api: AnyApi,
  version: number,
  request: unknown,
  session: Session = { user: undefined, mechanism: undefined },
): Promise<unknown> {
  const { signal } = new AbortController();
  return await api.handle(request, { broker, version, session, clientId: 'test', host: '127.0.0.1', signal });
}
