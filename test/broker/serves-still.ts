import { expect } from '@jest/globals';
import { openCluster } from '../../src/kafka/cluster.ts';
import { offsetOf } from '../../src/kafka/reader/offsets.ts';
import { openIdempotentWriter } from '../../src/kafka/writer/idempotent-writer.ts';
import { makeTopic } from '../support/make-topic.ts';

/** A client that means well connects, creates, writes, and finds what it has written. */
export async function servesStill(
  address: string,
  { topic = 'sound', records = 1, bytes = 10 }: { topic?: string; records?: number; bytes?: number } = {},
): Promise<void> {
  await makeTopic(address, topic);
  const cluster = openCluster({ brokers: [address], clientId: 'sound' });
  try {
    const place = { topic, partition: 0 };
    const writer = openIdempotentWriter(cluster, { deadlineMs: 10_000 });
    const before = await offsetOf(cluster, place, 'latest');
    for (let i = 0; i < records; i++)
      await writer.write([
        { ...place, records: [{ key: 'k', value: Buffer.alloc(bytes, 's'), timestamp: Date.now() }] },
      ]);
    expect(await offsetOf(cluster, place, 'latest')).toBe(before + BigInt(records));
  } finally {
    await cluster.close();
  }
}
