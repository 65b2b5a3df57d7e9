import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ISocketFactory } from 'kafkajs';
import { framesOf } from './kafka-frames.ts';
import { keyOf, ruleBook, type Action, type ApiName, type Match, type Rule } from './proxy-rules.ts';

export interface Proxy {
  /** For `new Kafka({ socketFactory })` and everything else that opens its connections with one. */
  readonly socketFactory: ISocketFactory;
  /** Of several rules that match a request, the first that is due acts. */
  on(match: Match, action: Action): Rule;
  /** How many such requests were handed to a broker. */
  delivered(api: ApiName | number): number;
  /** Connections that are open now. */
  connections(): number;
  /** Ends every connection, to one broker or to all; says how many. What was held is forgotten. */
  cut(broker?: string): number;
  /** Nothing moves in either direction, and connections stay open, as if the network had swallowed everything. */
  freeze(): void;
  thaw(): void;
  /** Removes all rules and thaws. */
  behave(): void;
  stop(): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly broker: Socket;
  readonly address: string;
  /** What is to happen to an answer, by its correlation id. */
  readonly answers: Map<number, Action>;
}

/**
 * A network between a Kafka client and any number of brokers that misbehaves on demand:
 *
 *     const proxy = await startProxy();
 *     const kafka = quietKafka(bootstrap, { socketFactory: proxy.socketFactory });
 *     const rule = proxy.on({ api: 'EndTxn', after: 2 }, 'lose answer');
 *     …
 *     expect(rule.hits).toBe(1);
 *
 * The client's sockets tell the proxy in a first line which broker they are for. So brokers' answers, in which the
 * brokers' own addresses stand, need no rewriting. It cannot look into TLS.
 */
export async function startProxy(): Promise<Proxy> {
  const rules = ruleBook();
  const links = new Set<Link>();
  const pending = new Set<Socket>();
  const delivered = new Map<number, number>();
  let open = Promise.resolve();
  let thaw = (): void => undefined;
  let frozen = false;

  const freeze = (): void => {
    if (frozen) return;
    frozen = true;
    open = new Promise((resolve) => {
      thaw = () => {
        frozen = false;
        resolve();
      };
    });
  };

  const end = (link: Link): void => {
    links.delete(link);
    link.client.destroy();
    link.broker.destroy();
  };
  const cut = (broker?: string): number => {
    const ended = [...links].filter(({ address }) => broker === undefined || address === broker);
    ended.forEach(end);
    return ended.length;
  };

  const request = async (link: Link, frame: Buffer): Promise<void> => {
    // Length, 4 bytes; API, 2; version, 2; correlation id, 4.
    const [key, correlation] = [frame.readInt16BE(4), frame.readInt32BE(8)];
    const deliver = (): void => {
      if (link.broker.destroyed) return;
      delivered.set(key, (delivered.get(key) ?? 0) + 1);
      link.broker.write(frame);
    };
    const action = rules.actionFor(key, link.address);
    if (action === 'drop request') return end(link);
    if (action === 'cut all') return void cut();
    if (action === 'freeze') freeze();
    if (typeof action === 'object' && 'deliverLateMs' in action) {
      // Only the client's side ends now: the broker must not learn of it before the request.
      links.delete(link);
      link.client.destroy();
      await delay(action.deliverLateMs);
      deliver();
      link.broker.end();
      return;
    }
    if (typeof action === 'object' && 'holdRequestMs' in action) await delay(action.holdRequestMs);
    await open;
    if (action !== undefined) link.answers.set(correlation, action);
    deliver();
  };

  const answer = async (link: Link, frame: Buffer): Promise<void> => {
    const correlation = frame.readInt32BE(4);
    const action = link.answers.get(correlation);
    link.answers.delete(correlation);
    if (action === 'lose answer') return end(link);
    if (typeof action === 'object' && 'holdAnswerMs' in action) await delay(action.holdAnswerMs);
    if (typeof action === 'object' && 'damage' in action) action.damage(frame);
    await open;
    if (!link.client.destroyed) link.client.write(frame);
  };

  const serve = (client: Socket, address: string): ((bytes: Buffer) => void) => {
    const at = address.lastIndexOf(':');
    const broker = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
    const link: Link = { client, broker, address, answers: new Map() };
    links.add(link);
    const close = (): void => {
      // A late delivery has taken its link out, and ends the broker's side itself.
      if (links.has(link)) end(link);
    };
    for (const socket of [client, broker]) socket.on('error', close).on('close', close);
    broker.on('close', () => client.destroy());
    broker.on(
      'data',
      framesOf((frame) => answer(link, frame)),
    );
    return framesOf((frame) => request(link, frame));
  };

  const server = createServer((client) => {
    pending.add(client);
    client.on('error', () => undefined).on('close', () => pending.delete(client));
    let head = Buffer.alloc(0);
    const greet = (bytes: Buffer): void => {
      head = Buffer.concat([head, bytes]);
      const at = head.indexOf('\n');
      if (at < 0) return;
      client.off('data', greet);
      pending.delete(client);
      const take = serve(client, head.subarray(0, at).toString());
      client.on('data', take);
      take(head.subarray(at + 1));
    };
    client.on('data', greet);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const behave = (): void => {
    rules.clear();
    thaw();
  };
  return {
    socketFactory: ({ host, port: brokerPort, ssl, onConnect }) => {
      if (ssl as unknown) throw new Error('the proxy cannot look into TLS');
      const socket = connect({ host: '127.0.0.1', port }, onConnect);
      socket.setNoDelay(true);
      socket.write(`${host}:${brokerPort}\n`);
      return socket;
    },
    on: rules.add,
    delivered: (api) => delivered.get(keyOf(api)) ?? 0,
    connections: () => links.size,
    cut,
    freeze,
    thaw: () => thaw(),
    behave,
    stop: async () => {
      behave();
      const closed = once(server, 'close');
      server.close();
      cut();
      for (const client of pending) client.destroy();
      await closed;
    },
  };
}
