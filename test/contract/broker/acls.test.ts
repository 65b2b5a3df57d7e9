import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { Secret } from '../../../src/config/secret.ts';
import { kafkaConfig } from '../../../src/kafka/connection.ts';
import { describeAcls } from '../../../src/pipeline/acls.ts';
import { loadTopology } from '../../../src/pipeline/topology-file.ts';
import { openKafkaBroker } from '../../../src/runner/kafka-broker.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { joinGroup } from '../../support/group-member.ts';
import { kafkaJars, startKafka, type KafkaCluster } from '../../support/kafka.ts';
import { quietKafka, transactional } from '../../support/kafka-client.ts';

const run = promisify(execFile);
const file = join(import.meta.dirname, '..', '..', '..', 'topologies', 'smap.yaml');
const password = 'hunter2';

describeWith('cluster', 'Kafka that grants a stage what its acls say', ({ version }) => {
  let kafka: KafkaCluster;
  let infer: Kafka;

  beforeAll(async () => {
    const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
    const settings = {
      'sasl.enabled.mechanisms': 'PLAIN',
      'plain.sasl.jaas.config': `${login} user_infer="${password}";`,
    };
    kafka = await startKafka({
      listeners: [{ name: 'LOGIN', protocol: 'SASL_PLAINTEXT', settings }],
      settings: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        // The brokers among themselves, and the tests.
        'super.users': 'User:ANONYMOUS',
      },
    });
    const admin = quietKafka(kafka.bootstrap).admin();
    await admin.connect();
    const { topology } = loadTopology(file);
    if (topology === undefined) throw new Error('smap.yaml has mistakes');
    await admin.createTopics({ topics: topology.topics.map(({ kafkaName }) => ({ topic: kafkaName })) });
    await admin.disconnect();
    await grant(describeAcls(topology), 'infer');
    const sasl = { mechanism: 'plain', username: 'infer', password } as const;
    infer = quietKafka(kafka.through('LOGIN'), { sasl });
  }, 180_000);
  afterAll(() => kafka.stop(), 60_000);

  /** Runs the commands as they are printed, with the class that the script `kafka-acls` runs. */
  async function grant(printed: string, stage: string): Promise<void> {
    const classPath = join(await kafkaJars(version), '*');
    const commands = printed.split('\n').filter((line) => line.includes(`User:${stage} `));
    expect(commands).toHaveLength(6);
    for (const command of commands) {
      const [name, ...args] = command.replace('"$DOWNLINK_KAFKA"', kafka.bootstrap).split(' ');
      expect(name).toBe('kafka-acls');
      await run('java', ['-XX:TieredStopAtLevel=1', '-cp', classPath, 'org.apache.kafka.tools.AclCommand', ...args]);
    }
  }

  const record = (topic: string) => ({ topic, messages: [{ key: 'k', value: 'v' }] });

  test('it reads its source in its group', async () => {
    const writer = quietKafka(kafka.bootstrap).producer();
    await writer.connect();
    await writer.send(record('smap-batches'));
    await writer.disconnect();
    const member = await joinGroup(infer, 'smap.infer', 'smap-batches');
    await eventually('the record is read', () => member.read.length === 1);
    await member.leave();
  });

  test('it writes output, state, dead letters and offsets in one transaction', async () => {
    const producer = transactional(infer, 'smap.infer.smap-batches.0');
    await producer.connect();
    const transaction = await producer.transaction();
    for (const topic of ['smap-inference-results', 'smap-state', 'smap-dead-letters']) {
      await transaction.send(record(topic));
    }
    const topics = [{ topic: 'smap-batches', partitions: [{ partition: 0, offset: '1' }] }];
    await transaction.sendOffsets({ consumerGroupId: 'smap.infer', topics });
    await transaction.commit();
    await producer.disconnect();
  });

  test('it reads its state', async () => {
    const member = await joinGroup(infer, 'smap.infer', 'smap-state');
    await eventually('the checkpoint is read', () => member.read.length === 1);
    await member.leave();
  });

  test('it ends the transaction that a member left behind who died', async () => {
    const dead = transactional(infer, 'smap.infer.dead');
    await dead.connect();
    const left = await dead.transaction();
    await left.send(record('smap-inference-results'));
    // Nobody can say who is gone of a group that is empty.
    const alive = await joinGroup(infer, 'smap.infer', 'smap-batches');
    const sasl = { mechanism: 'plain', username: 'infer', password: new Secret(password) } as const;
    const brokers = kafka.through('LOGIN').split(',');
    const broker = openKafkaBroker({ config: kafkaConfig({ brokers, sasl, clientId: 'infer' }), paceMs: 100 });
    expect(await broker.endLeftBehind('smap.infer', 'smap.infer.')).toEqual(['smap.infer.dead']);
    await broker.close();
    await alive.leave();
    await dead.disconnect();
  });

  test('it writes nothing else, and under no other id', async () => {
    const producer = infer.producer();
    await producer.connect();
    const elsewhere = producer.send(record('smap-batches'));
    await expect(elsewhere).rejects.toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED' });
    await producer.disconnect();
    const other = transactional(infer, 'smap.ingest.smap-telemetry.0');
    await other.connect();
    // It is refused its coordinator already, and kafkajs does not say why.
    await expect(other.transaction()).rejects.toMatchObject({ name: 'KafkaJSGroupCoordinatorNotFound' });
    await other.disconnect();
  });
});
