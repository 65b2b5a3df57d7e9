export interface Node {
  readonly id: number;
  readonly address: string;
  /** The path of its settings. */
  readonly properties: string;
}

interface Layout {
  readonly id: number;
  readonly port: number;
  readonly data: string;
  /** The controllers' ports of all nodes, this one's among them. */
  readonly controllers: readonly number[];
}

/** server.properties of a node that is broker and controller, small enough for a test's machine. */
export function nodeProperties({ id, port, data, controllers }: Layout): string {
  const cluster = controllers.length;
  const copies = cluster === 1 ? 1 : 3;
  const inSync = cluster === 1 ? 1 : 2;
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': controllers.map((at, index) => `${index + 1}@127.0.0.1:${at}`).join(','),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllers[id - 1] ?? 0}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': data,
    'auto.create.topics.enable': false,
    'default.replication.factor': copies,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    // The default of 128 MB does not go with so small a heap.
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'log.index.size.max.bytes': 1_048_576,
    // On an idle cluster a transaction's end is else known to the followers only half a second later.
    ...(cluster === 1 ? {} : { 'replica.fetch.wait.max.ms': 20 }),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

export const logging = `<Configuration status="ERROR">
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="warn"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`;
