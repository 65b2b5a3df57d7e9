import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { produce } from '../../../src/kafka/api/00-produce.ts';
import { openCluster, type Cluster } from '../../../src/kafka/cluster.ts';
import { openTransactionalWriter } from '../../../src/kafka/writer/transactional-writer.ts';
import { encodeBatch } from '../../../src/kafka/records/encode-batch.ts';
import { startEmbeddedKafka, type EmbeddedKafka } from '../../support/embedded-kafka.ts';
import { makeTopic } from '../../support/make-topic.ts';
import { openSmallLog } from '../../support/small-log.ts';

// A file that may not grow is to a process what a full disk is: writes take a part, then fail.
const canLimit = spawnSync('prlimit', ['--version']).status === 0;
const described = canLimit ? describe : describe.skip;
const storageError = 56;

described(canLimit ? 'a broker whose files cannot grow' : 'prlimit, skipped: there is none', () => {
  let broker: EmbeddedKafka;
  let cluster: Cluster;
  beforeAll(async () => {
    broker = await startEmbeddedKafka({ fsync: 'each' });
    cluster = openCluster({ brokers: [broker.bootstrap] });
  }, 30_000);
  afterAll(async () => {
    await cluster.close();
    await broker.stop();
    rmSync(broker.folder, { recursive: true, force: true });
  });

  const limit = (bytes: number | 'unlimited') =>
    execFileSync('prlimit', ['--pid', String(broker.pid), `--fsize=${bytes}:unlimited`]);
  const put = async (topic: string, name: string, bytes: number): Promise<number> => {
    await makeTopic(broker.bootstrap, topic);
    const records = [{ key: null, value: name.padEnd(bytes, '.'), timestamp: Date.now() }];
    const stamp = { producerId: -1n, producerEpoch: -1, baseSequence: -1, transactional: false };
    const batches = [{ topic, partition: 0, bytes: encodeBatch(records, stamp) }];
    const [answer] = await cluster.send('anybody', produce, { transactionalId: null, timeoutMs: 5_000, batches });
    return answer?.error ?? -1;
  };
  const names = async (topic: string): Promise<readonly string[]> => {
    const log = openSmallLog(broker.bootstrap);
    const [values = []] = await log.values(topic, 1);
    await log.close();
    return values.map((value) => value.split('.')[0] ?? '');
  };

  test('refuses with a storage error, keeps what it has, serves what fits, and goes on when there is room', async () => {
    const taken: string[] = [];
    const send = async (name: string, bytes: number): Promise<number> => {
      const error = await put('large', name, bytes);
      if (error === 0) taken.push(name);
      return error;
    };
    for (let i = 0; i < 4; i++) expect(await send(`before-${i}`, 50_000)).toBe(0);
    limit(300_000);
    const errors = [];
    for (let i = 0; i < 6; i++) errors.push(await send(`full-${i}`, 50_000));
    expect(errors).toEqual([0, storageError, storageError, storageError, storageError, storageError]);
    // What was written in part is gone, so less than that finds its place.
    expect(await send('small', 1_000)).toBe(0);
    expect(await names('large')).toEqual(taken);
    expect(await put('other', 'other', 1_000)).toBe(0);

    const writer = openTransactionalWriter(cluster, { transactionalId: 'full', deadlineMs: 2_000 });
    await writer.fence();
    const records = [{ key: null, value: 'transaction'.padEnd(90_000, '.'), timestamp: Date.now() }];
    const transaction = { records: [{ topic: 'large', partition: 0, records }] };
    const { end } = await writer.transact(transaction);
    expect(end).not.toBe('committed');

    limit('unlimited');
    for (let i = 0; i < 4; i++) expect(await send(`after-${i}`, 50_000)).toBe(0);
    await writer.resume();
    expect((await writer.transact(transaction)).end).toBe('committed');
    taken.push('transaction');
    expect(await names('large')).toEqual(taken);
    expect(await names('other')).toEqual(['other']);
  }, 60_000);

  test('finds all of it after it was killed', async () => {
    const before = await names('large');
    await broker.kill();
    const { folder } = broker;
    broker = await startEmbeddedKafka({ folder, fsync: 'each' });
    expect(await names('large')).toEqual(before);
  }, 30_000);
});
