import type { ProduceRequest, Produced } from '../api/00-produce.ts';
import type { Api } from '../api/api.ts';
import type { Cluster, TopicPartition } from '../cluster.ts';
import { meaningOf, type Stop } from './answers.ts';
import { persist } from '../persist.ts';

/** What one partition gets, encoded once: it is repeated as these bytes under these sequence numbers, or not at all. */
export interface EncodedBatch extends TopicPartition {
  readonly bytes: Buffer;
}

export interface Written extends TopicPartition {
  readonly baseOffset: bigint;
}

export type ProduceEnd = { readonly written: readonly Written[] } | { readonly meaning: Stop; readonly why: string };

const keyOf = ({ topic, partition }: TopicPartition) => `${topic} ${partition}`;

/**
 * One request per leader with all its partitions. Each partition's answer is looked at by itself, and one that is missing
 * is no answer: in kafkajs a partition whose leader moved meanwhile was lost there.
 */
export async function produceAll(
  cluster: Cluster,
  {
    transactionalId,
    api,
  }: { readonly transactionalId: string | null; readonly api: Api<ProduceRequest, readonly Produced[]> },
  batches: readonly EncodedBatch[],
  deadline: number,
): Promise<ProduceEnd> {
  const open = new Map(batches.map((batch) => [keyOf(batch), batch]));
  const written: Written[] = [];
  let refused: Produced | undefined;

  const take = (answers: readonly Produced[]): void => {
    for (const answer of answers) {
      const batch = open.get(keyOf(answer));
      if (batch === undefined) continue;
      const meaning = meaningOf('produce', answer.error);
      if (meaning === 'done') {
        open.delete(keyOf(answer));
        written.push(answer);
      } else if (meaning === 'leader') cluster.forgetLeader(batch);
      // A transactional batch goes through the leader to the coordinator, so its answers can be the coordinator's.
      else if (meaning !== 'coordinator' && meaning !== 'again') refused ??= answer;
    }
  };

  const attempt = async (): Promise<ProduceEnd | 'again'> => {
    const byLeader = await groupByLeader(cluster, [...open.values()]);
    const requests = [...byLeader].map(async ([node, ours]) => {
      const timeoutMs = Math.max(1_000, Math.min(5_000, deadline - Date.now()));
      try {
        take(await cluster.send({ node }, api, { transactionalId, timeoutMs, batches: ours }, timeoutMs + 1_000));
      } catch (thrown) {
        for (const batch of ours) cluster.forgetLeader(batch);
        throw thrown;
      }
    });
    // All of them have to end before anything is sent again: an answer under way may be the one that counts.
    const ended = await Promise.allSettled(requests);
    if (refused !== undefined) {
      const meaning = meaningOf('produce', refused.error);
      const why = `${refused.topic} ${refused.partition}: error ${refused.error} ${refused.message ?? ''}`.trim();
      return { meaning: meaning === 'dead' || meaning === 'refused' ? meaning : 'failed', why };
    }
    if (open.size === 0) return { written };
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
    return 'again';
  };
  return persist(`writing to ${batches.map(keyOf).join(', ')}`, deadline, attempt);
}

async function groupByLeader(cluster: Cluster, batches: readonly EncodedBatch[]) {
  const groups = new Map<number, EncodedBatch[]>();
  for (const batch of batches) {
    const node = await cluster.leaderOf(batch);
    const group = groups.get(node);
    if (group === undefined) groups.set(node, [batch]);
    else group.push(batch);
  }
  return groups;
}
