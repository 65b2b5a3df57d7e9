import { classify, DownlinkError } from '../../errors.ts';
import { produce } from '../api/00-produce.ts';
import { initProducerId, nobody, type Producer } from '../api/22-init-producer-id.ts';
import type { Cluster, TopicPartition } from '../cluster.ts';
import { persist } from '../persist.ts';
import { encodeBatch, type OutRecord } from '../records/encode-batch.ts';
import { meaningOf } from './answers.ts';
import { produceAll, type Written } from './produce.ts';

/** Writes without transactions: what was acknowledged is there once, however often it had to be sent. */
export interface IdempotentWriter {
  /**
   * Resolves when every replica that counts has all of it. Fails with `write-refused` where the broker will never take
   * it (nothing of that partition is there), or `kafka-unavailable` after the deadline (whether it is there is not known).
   */
  write(records: readonly (TopicPartition & { readonly records: readonly OutRecord[] })[]): Promise<readonly Written[]>;
}

export function openIdempotentWriter(cluster: Cluster, { deadlineMs = 30_000 } = {}): IdempotentWriter {
  let producer: Producer | undefined;
  const sequences = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();

  const initialise = (deadline: number): Promise<Producer> => {
    sequences.clear();
    return persist('InitProducerId', deadline, async () => {
      const request = { transactionalId: null, timeoutMs: 0, producer: nobody };
      const { error, producer: given } = await cluster.send('anybody', initProducerId, request);
      if (error === 0) return given;
      const meaning = meaningOf('init', error);
      if (meaning === 'coordinator' || meaning === 'again') return 'again';
      throw new DownlinkError('kafka-refused', `InitProducerId: error ${error}`);
    });
  };

  const write: IdempotentWriter['write'] = async (records) => {
    const deadline = Date.now() + deadlineMs;
    producer ??= await initialise(deadline);
    const { id, epoch } = producer;
    const batches = records.map(({ topic, partition, records: own }) => {
      const baseSequence = sequences.get(`${topic} ${partition}`) ?? 0;
      const stamp = { producerId: id, producerEpoch: epoch, baseSequence, transactional: false };
      return { topic, partition, bytes: encodeBatch(own, stamp) };
    });
    try {
      const end = await produceAll(cluster, { transactionalId: null, api: produce }, batches, deadline);
      if ('meaning' in end) throw new DownlinkError('write-refused', end.why);
      for (const { topic, partition, records: own } of records) {
        const key = `${topic} ${partition}`;
        sequences.set(key, ((sequences.get(key) ?? 0) + own.length) % 2 ** 31);
      }
      return end.written;
    } catch (thrown) {
      // Which sequence numbers were taken is not known any more, so the next write begins under a new id.
      producer = undefined;
      throw classify(thrown);
    }
  };

  return {
    // One after the other: a batch that overtakes another of its partition is refused as out of order.
    write: (records) => {
      const next = last.then(() => write(records));
      // Its caller hears of its failure; the next write begins all the same.
      last = next.catch(() => undefined);
      return next;
    },
  };
}
