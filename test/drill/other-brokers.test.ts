import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeWith } from '../support/describe-with.ts';
import { kafkaVersion, startKafka } from '../support/kafka.ts';
import { setTransactionVersion } from '../support/transaction-version.ts';
import { startZookeeperKafka } from '../support/zookeeper-kafka.ts';

/** The oldest Kafka that Maven Central has of the 3.x. */
const oldest = '3.0.0';

describeWith('cluster', 'the suite of the Kafka room passes', () => {
  test(`on Kafka ${oldest} with ZooKeeper`, () => suitePasses(() => startZookeeperKafka(oldest), 'classic'), 400_000);

  const lowered = async () => {
    const kafka = await startKafka();
    await setTransactionVersion(kafka.bootstrap, 'downgrade', 1);
    return kafka;
  };
  test(`on Kafka ${kafkaVersion} with transaction.version 1`, () => suitePasses(lowered, 'classic'), 400_000);
});

async function suitePasses(
  start: () => Promise<{ bootstrap: string; stop(): Promise<void> }>,
  form: 'classic' | 'v2',
): Promise<void> {
  const kafka = await start();
  try {
    const jest = ['node_modules/jest/bin/jest.js', '--config', '.config/jest.mjs', '--selectProjects', 'real'];
    const suite = spawn(process.execPath, [...jest, '--', 'test/contract/broker'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, DOWNLINK_TEST_KAFKA: kafka.bootstrap, DOWNLINK_TEST_FORM: form },
    });
    let said = '';
    suite.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(suite, 'close')) as [number | null];
    const failures = said.slice(said.indexOf('Summary of all failing tests'));
    expect({ code, failures: code === 0 ? '' : failures }).toEqual({ code: 0, failures: '' });
  } finally {
    await kafka.stop();
  }
}
