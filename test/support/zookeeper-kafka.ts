import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-port.ts';
import { startJava, untilReady, type JavaProcess } from './java-process.ts';
import { answersWith, javaFlags, kafkaJars } from './kafka.ts';
import { logging } from './kafka-settings.ts';

/** One broker as it was run before KRaft was fit for production (3.3): with ZooKeeper beside it. */
export async function startZookeeperKafka(version: string): Promise<{ bootstrap: string; stop(): Promise<void> }> {
  const jars = await kafkaJars(version);
  const folder = mkdtempSync(join(tmpdir(), 'downlink-kafka-'));
  const [port = 0, keeper = 0] = await freePorts(2);
  const bootstrap = `127.0.0.1:${port}`;
  const broker = join(folder, 'broker.properties');
  const zookeeper = join(folder, 'zookeeper.properties');
  writeFileSync(join(folder, 'log4j2.xml'), logging);
  writeFileSync(
    zookeeper,
    `dataDir=${join(folder, 'zookeeper')}\nclientPort=${keeper}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n`,
  );
  const settings = {
    'broker.id': 1,
    'zookeeper.connect': `127.0.0.1:${keeper}`,
    listeners: `PLAINTEXT://${bootstrap}`,
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'log.index.size.max.bytes': 1_048_576,
  };
  writeFileSync(
    broker,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const jvms: JavaProcess[] = [];
  const stop = async (): Promise<void> => {
    // The broker first: it waits for a ZooKeeper that is gone.
    for (const jvm of [...jvms].reverse()) await jvm.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const launch = async (name: string, main: string, file: string): Promise<void> => {
    jvms.push(await startJava(folder, name, ['-Xmx384m', ...javaFlags(folder, jars), main, file]));
  };
  try {
    await launch('zookeeper', 'org.apache.zookeeper.server.ZooKeeperServerMain', zookeeper);
    await launch('broker', 'kafka.Kafka', broker);
    await untilReady(`Kafka ${version} with ZooKeeper`, jvms, () => answersWith(1, bootstrap));
  } catch (error) {
    await stop();
    throw error;
  }
  return { bootstrap, stop };
}
