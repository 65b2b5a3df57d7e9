import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Broker } from './broker.ts';
import { serve } from './connection.ts';
import { openFaults, type Faults } from './faults.ts';
import { lockFolder } from './folder-lock.ts';
import { openGroups } from './groups/groups.ts';
import { openDurability } from './log/durability.ts';
import { marker, headAt } from './log/batch.ts';
import { openStore } from './log/store.ts';
import { keepHouse } from './log/housekeeping.ts';
import { openRoom } from './room.ts';
import { openSeldom } from './seldom.ts';
import { defaults, type Settings } from './settings.ts';
import { openTopics, type Topic, type Topics } from './topics/topics.ts';
import { openTransactions } from './transactions/transactions.ts';

export interface RunningBroker {
  readonly port: number;
  /** Where clients begin. */
  readonly address: string;
  /** For tests; nothing of it is reachable over the network. */
  readonly faults: Faults;
  /** What was taken is on the disk, and the next start looks at nothing twice. */
  close(): Promise<void>;
}

/** One broker on this machine, with its log in a folder. It speaks Kafka's protocol, and is no cluster. */
export async function startBroker(given: Partial<Settings> & Pick<Settings, 'folder'>): Promise<RunningBroker> {
  const settings: Settings = { ...defaults, ...given };
  const { folder, host, note } = settings;
  mkdirSync(folder, { recursive: true });
  const unlock = lockFolder(folder);
  const server = createServer();
  try {
    const topics = openTopics({ folder, durable: settings.fsync === 'each', note });
    const durability = openDurability(settings.fsync, note);
    const keptIn = (name: string) =>
      openStore((topics.find(name) ?? internal(topics, name)).logs[0] as Topic['logs'][number], durability);
    const groups = openGroups({
      store: keptIn('__consumer_offsets'),
      settings,
      partitionsOf: (topic) => topics.find(topic)?.logs.length,
    });
    const transactions = openTransactions({
      kept: keptIn('__transaction_state'),
      mark: ({ topic, partition }, producer, commit) => {
        const log = topics.find(topic)?.logs[partition];
        if (log?.producers.isOpen(producer.id) !== true) return;
        const batch = marker(producer.id, producer.epoch, commit, Date.now());
        const head = headAt(batch, 0);
        if (head !== undefined) log.append(batch, [head]);
      },
      endOffsets: (producerId, commit) => groups.endStaged(producerId, commit),
      settled: (places) =>
        durability.settled(places.flatMap(({ topic, partition }) => topics.find(topic)?.logs[partition] ?? [])),
    });
    await transactions.recover();
    await endUnknown({ topics, groups, transactions });
    const faults = openFaults();
    const node = { id: 1, host, port: 0, ...settings.advertised };
    const seldom = openSeldom(note);
    const broker: Broker = {
      settings,
      node,
      clusterId: clusterIdIn(folder),
      topics,
      groups,
      transactions,
      durability,
      faults,
      room: openRoom(settings.roomBytes),
      seldom,
    };
    const sockets = new Set<Socket>();
    const serving = new Set<Promise<void>>();
    server.on('connection', (socket) => {
      if (sockets.size >= settings.maxConnections) {
        seldom('a connection is refused', `from ${socket.remoteAddress ?? ''}; there are ${sockets.size}`);
        socket.destroy();
        return;
      }
      sockets.add(socket);
      const served = serve(socket, broker).finally(() => {
        sockets.delete(socket);
        serving.delete(served);
      });
      serving.add(served);
    });
    const port = await listening(server, settings);
    // Such as too many open files: others are served, and so are new ones later.
    server.on('error', (error) => seldom('a connection cannot be taken', error.message));
    if (settings.advertised === undefined) node.port = port;
    const stopHouse = keepHouse(broker);
    return {
      port,
      address: `${node.host}:${node.port}`,
      faults,
      close: async () => {
        server.close();
        stopHouse();
        faults.thaw();
        for (const socket of sockets) socket.destroy();
        await Promise.all(serving);
        groups.close();
        await durability.close();
        await topics.close();
        unlock();
      },
    };
  } catch (thrown) {
    server.close();
    unlock();
    throw thrown;
  }
}

const internal = (topics: Topics, name: string): Topic =>
  topics.create(name, 1, { 'cleanup.policy': 'compact', 'segment.bytes': '16777216' }, true);

/** Records and offsets of transactions that nobody knows of, because power was lost: they can only be aborted. */
async function endUnknown({
  topics,
  groups,
  transactions,
}: Pick<Broker, 'topics' | 'groups' | 'transactions'>): Promise<void> {
  const ongoing = new Set(
    [...transactions.all].flatMap(({ state, producer }) => (state === 'Ongoing' ? [producer.id] : [])),
  );
  for (const { logs } of topics.all)
    for (const log of logs)
      for (const [producerId] of log.producers.state().open) {
        if (ongoing.has(producerId)) continue;
        const known = log.producers.state().producers.find(([id]) => id === producerId)?.[1];
        const batch = marker(producerId, known?.epoch ?? 0, false, Date.now());
        const head = headAt(batch, 0);
        if (head !== undefined) log.append(batch, [head]);
      }
  for (const producerId of [...groups.stagedBy])
    if (!ongoing.has(producerId)) await groups.endStaged(producerId, false);
}

function listening(server: Server, { host, port }: Settings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1_024 }, () => resolve((server.address() as AddressInfo).port));
  });
}

function clusterIdIn(folder: string): string {
  const file = join(folder, 'cluster-id');
  if (!existsSync(file)) writeFileSync(file, randomBytes(16).toString('base64url'), { flush: true });
  return readFileSync(file, 'utf8');
}
