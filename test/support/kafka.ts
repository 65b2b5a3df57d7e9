import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-port.ts';
import { quietKafka } from './kafka-client.ts';
import { startJava, untilReady, type JavaProcess } from './java-process.ts';
import { logging, nodeProperties, type Listener, type Node } from './kafka-settings.ts';
import { jarsOf } from './maven.ts';

export interface KafkaCluster {
  /** The addresses of all brokers, with commas between them. */
  readonly bootstrap: string;
  /** The same through another listener, by its name. */
  through(listener: string): string;
  readonly version: string;
  /** Data, settings and logs of all nodes. */
  readonly folder: string;
  /** The process of broker 1, 2 or 3; undefined when it was never started. */
  pid(node: number): number | undefined;
  /** SIGKILL. */
  kill(node: number): Promise<void>;
  /** Starts a broker that was killed, on the same port and with the same data, and waits for its answer. */
  start(node: number): Promise<void>;
  stop(): Promise<void>;
}

export const kafkaVersion = '4.3.1';

/** The folder with Kafka's jars, its command line tools' among them. */
export function kafkaJars(version: string): Promise<string> {
  return jarsOf(`kafka-${version}`, [
    { group: 'org.apache.kafka', artifact: 'kafka_2.13', version },
    { group: 'org.apache.kafka', artifact: 'kafka-tools', version },
    // Without it a broker that does not start says nothing.
    { group: 'org.apache.logging.log4j', artifact: 'log4j-slf4j-impl', version: '2.25.4' },
  ]);
}

export interface KafkaOptions {
  readonly brokers?: 1 | 3;
  readonly version?: string;
  readonly listeners?: readonly Listener[];
  /** More of server.properties. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Users that log in with SCRAM, as the formatting tool takes them. */
  readonly scram?: readonly string[];
}

/** Apache Kafka in KRaft mode on loopback. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  const { brokers = 1, version = kafkaVersion, scram = [] } = options;
  const jars = await kafkaJars(version);
  const folder = mkdtempSync(join(tmpdir(), 'downlink-kafka-'));
  const nodes = await layOut(folder, brokers, options);
  const jvms = new Map<number, JavaProcess>();
  const stop = async (): Promise<void> => {
    await Promise.all([...jvms.values()].map((jvm) => jvm.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const jvmOf = (node: number): JavaProcess | undefined => jvms.get(node);
  const launch = async (node: Node): Promise<void> => {
    const heap = brokers === 1 ? '384m' : '256m';
    const args = [`-Xms${heap}`, `-Xmx${heap}`, ...javaFlags(folder, jars), 'kafka.Kafka', node.properties];
    const jvm = await startJava(folder, `broker-${node.id}`, args);
    jvms.set(node.id, jvm);
    await untilReady(`Kafka ${version} broker ${node.id}`, [jvm], () => answersWith(brokers, node.address));
  };
  try {
    // One that begins with a hyphen would be taken for an option; six zero bits are an A.
    const clusterId = Buffer.concat([Buffer.alloc(1), randomBytes(15)]).toString('base64url');
    await Promise.all(nodes.map((node) => format(folder, jars, clusterId, node, scram)));
    await Promise.all(nodes.map(launch));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    bootstrap: nodes.map((node) => node.address).join(','),
    through: (listener) => nodes.map((node) => `127.0.0.1:${node.others.get(listener) ?? 0}`).join(','),
    version,
    folder,
    pid: (node) => jvmOf(node)?.pid,
    kill: async (node) => jvmOf(node)?.kill(),
    start: async (id) => {
      const node = nodes.find((other) => other.id === id);
      if (!node || jvmOf(id)?.running()) throw new Error(`broker ${id} is not one that was killed`);
      await launch(node);
    },
    stop,
  };
}

async function layOut(
  folder: string,
  brokers: number,
  { listeners = [], settings: more = {} }: KafkaOptions,
): Promise<Node[]> {
  writeFileSync(join(folder, 'log4j2.xml'), logging);
  const ports = await freePorts((2 + listeners.length) * brokers);
  const take = () => ports.splice(0, brokers);
  const [plain, controllers, ...rest] = [take(), take(), ...listeners.map(take)];
  return plain.map((port, index) => {
    const id = index + 1;
    const properties = join(folder, `broker-${id}.properties`);
    const data = join(folder, `data-${id}`);
    const others = listeners.map((listener, at) => ({ ...listener, port: rest[at]?.[index] ?? 0 }));
    writeFileSync(properties, nodeProperties({ id, port, others, more, data, controllers }));
    const otherPorts = new Map(others.map((other) => [other.name, other.port]));
    return { id, address: `127.0.0.1:${port}`, properties, others: otherPorts };
  });
}

async function format(
  folder: string,
  jars: string,
  clusterId: string,
  node: Node,
  scram: readonly string[],
): Promise<void> {
  const users = scram.flatMap((user) => ['--add-scram', user]);
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', node.properties, ...users];
  const jvm = await startJava(folder, `format-${node.id}`, [...javaFlags(folder, jars), ...tool]);
  const code = await jvm.exited;
  if (code !== 0) throw new Error(`Kafka's storage was not formatted: ${jvm.lastWords()}`);
}

export const javaFlags = (folder: string, jars: string): string[] => [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:MaxDirectMemorySize=128m',
  '-XX:+ExitOnOutOfMemoryError',
  `-Dlog4j2.configurationFile=${join(folder, 'log4j2.xml')}`,
  '-cp',
  join(jars, '*'),
];

export async function answersWith(brokers: number, address: string): Promise<boolean> {
  const admin = quietKafka(address, { retry: { retries: 0 }, connectionTimeout: 500 }).admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length === brokers;
  } catch {
    return false;
  } finally {
    await admin.disconnect();
  }
}
