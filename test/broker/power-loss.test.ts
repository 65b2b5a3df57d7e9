import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../../src/embedded/broker/server.ts';
import { produce } from '../../src/kafka/api/00-produce.ts';
import { initProducerId } from '../../src/kafka/api/22-init-producer-id.ts';
import { offsetFetch } from '../../src/kafka/api/09-offset-fetch.ts';
import { txnOffsetCommit } from '../../src/kafka/api/28-txn-offset-commit.ts';
import { openCluster } from '../../src/kafka/cluster.ts';
import { offsetOf } from '../../src/kafka/reader/offsets.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';
import { makeTopic } from '../support/make-topic.ts';

const folder = mkdtempSync(join(tmpdir(), 'downlink-power-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what a transaction that nobody knows of any more has left open is aborted: its records, and its offsets', async () => {
  const config = { folder, port: 0 };
  const broker = await startBroker(config);
  await makeTopic(broker.address, 't');
  const cluster = openCluster({ brokers: [broker.address] });
  const asked = { transactionalId: 'lost', timeoutMs: 60_000, producer: { id: -1n, epoch: -1 } };
  const { producer } = await cluster.send('anybody', initProducerId, asked);
  const place = { topic: 't', partition: 0 };
  const bytes = encodeBatch([{ key: 'k', value: 'v', timestamp: Date.now() }], {
    ...{ producerId: producer.id, producerEpoch: producer.epoch, baseSequence: 0, transactional: true },
  });
  const written = { transactionalId: 'lost', timeoutMs: 1_000, batches: [{ ...place, bytes }] };
  expect(await cluster.send('anybody', produce, written)).toMatchObject([{ error: 0 }]);
  const offsets = [{ ...place, offset: 1n }];
  const staged = { transactionalId: 'lost', group: 'g', producer, membership: undefined, offsets };
  expect(await cluster.send('anybody', txnOffsetCommit, staged)).toMatchObject([{ error: 0 }]);
  expect(await offsetOf(cluster, place, 'latest')).toBe(0n);
  await cluster.close();
  await broker.close();

  // Power was lost before what the coordinator knew was on the disk.
  for (const name of readdirSync(folder).filter((one) => one.startsWith('__transaction_state')))
    rmSync(join(folder, name), { recursive: true });
  const again = await startBroker(config);
  const reader = openCluster({ brokers: [again.address] });
  expect(await offsetOf(reader, place, 'latest')).toBe(2n);
  expect(await reader.send('anybody', offsetFetch, { group: 'g', partitions: [place] })).toMatchObject({
    error: 0,
    offsets: [{ error: 0, offset: -1n }],
  });
  await reader.close();
  await again.close();
});
