export interface Node {
  readonly id: number;
  readonly address: string;
  /** The path of its settings. */
  readonly properties: string;
  /** The ports of its other listeners, by their names. */
  readonly others: ReadonlyMap<string, number>;
}

/** Another way in: who comes through it has to encrypt, to log in, or both. */
export interface Listener {
  /** Capital letters. */
  readonly name: string;
  readonly protocol: 'SASL_PLAINTEXT' | 'SSL' | 'SASL_SSL';
  /** What stands in server.properties behind `listener.name.<name>.`. */
  readonly settings: Readonly<Record<string, string>>;
}

interface Layout {
  readonly id: number;
  readonly port: number;
  readonly others: readonly (Listener & { readonly port: number })[];
  /** Settings of any kind that are put before those here. */
  readonly more: Readonly<Record<string, string>>;
  readonly data: string;
  /** The controllers' ports of all nodes, this one's among them. */
  readonly controllers: readonly number[];
}

/** server.properties of a node that is broker and controller, small enough for a test's machine. */
export function nodeProperties({ id, port, others, more, data, controllers }: Layout): string {
  const cluster = controllers.length;
  const copies = cluster === 1 ? 1 : 3;
  const inSync = cluster === 1 ? 1 : 2;
  const open = [{ name: 'PLAINTEXT', port }, ...others].map((one) => `${one.name}://127.0.0.1:${one.port}`);
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    // Tests write of times long past, which must not go while they are looked at.
    'log.retention.check.interval.ms': 86_400_000,
    'node.id': id,
    'controller.quorum.voters': controllers.map((at, index) => `${index + 1}@127.0.0.1:${at}`).join(','),
    listeners: [...open, `CONTROLLER://127.0.0.1:${controllers[id - 1] ?? 0}`].join(','),
    'advertised.listeners': open.join(','),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': [
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      ...others.map(({ name, protocol }) => `${name}:${protocol}`),
    ].join(','),
    ...Object.fromEntries(
      others.flatMap(({ name, settings: own }) =>
        Object.entries(own).map(([key, value]) => [`listener.name.${name.toLowerCase()}.${key}`, value]),
      ),
    ),
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
    ...more,
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
