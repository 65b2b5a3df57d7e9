import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { metadata } from '../../../../src/kafka/api/03-metadata.ts';
import { connectTo, type BrokerConnection } from '../../../../src/kafka/kafkajs-internals.ts';
import { openLink } from '../../../../src/kafka/link.ts';
import { describeWith } from '../../../support/describe-with.ts';
import { eventually } from '../../../support/eventually.ts';

interface Connection {
  /** How many brokers the answer names. */
  ask(): Promise<number>;
  /** Gives the connection up, as after a failure; what is under way is not waited for. */
  leave(): Promise<unknown>;
  /** What is used after it was given up. */
  again(): Promise<Connection>;
}

describeWith('kafka', 'a connection that is given up while an answer is on its way', ({ bootstrap }) => {
  const sockets = new Set<Socket>();
  let half: 'no' | 'next' | 'sent' = 'no';
  let came = 6;
  // A network that brings so many bytes of one answer, and the rest never.
  const network = createServer((client) => {
    const broker = connect(Number(bootstrap.split(':')[1]), '127.0.0.1');
    for (const socket of [client, broker]) sockets.add(socket.on('error', () => undefined));
    client.pipe(broker).on('data', (bytes: Buffer) => {
      client.write(half === 'next' ? bytes.subarray(0, came) : bytes);
      if (half === 'next') half = 'sent';
    });
  });
  const config = { brokers: [bootstrap], requestTimeout: 500 };
  let port = 0;

  beforeAll(async () => {
    network.listen(0, '127.0.0.1');
    await once(network, 'listening');
    port = (network.address() as AddressInfo).port;
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    network.close();
  });

  const nextAnswer = async (first: Connection, bytes: number): Promise<number> => {
    [half, came] = ['next', bytes];
    const lost = first.ask().catch(() => 0);
    await eventually('a part of the answer has come', () => half === 'sent');
    const left = first.leave();
    const second = await first.again();
    try {
      return await second.ask();
    } finally {
      await Promise.all([lost, left, second.leave()]);
    }
  };

  const downlink = async (): Promise<Connection> => {
    const link = await openLink(config, '127.0.0.1', port);
    const ask = async () => (await link.send(metadata, [], 500)).brokers.length;
    return { ask, leave: () => link.close(), again: downlink };
  };
  const kafkajs = async (): Promise<Connection> => {
    type Broker = BrokerConnection & { metadata(topics: readonly string[]): Promise<{ brokers: readonly unknown[] }> };
    const broker = (await connectTo(config, '127.0.0.1', port)) as Broker;
    const ask = async () => (await broker.metadata([])).brokers.length;
    const connection = { ask, leave: () => broker.disconnect(), again: () => broker.connect().then(() => connection) };
    return connection;
  };

  test.each([0, 6])('does not spoil the next one, whose answer comes after %d bytes of the first', async (bytes) => {
    expect(await nextAnswer(await downlink(), bytes)).toBe(1);
  });

  test('spoils with kafkajs the next one, whose answer is taken for the rest of the first', async () => {
    expect(await nextAnswer(await kafkajs(), 0)).toBe(1);
    await expect(nextAnswer(await kafkajs(), 6)).rejects.toThrow('timed out');
  });
});
