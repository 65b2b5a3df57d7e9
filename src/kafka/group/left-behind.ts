import { classify } from '../../errors.ts';
import { describeGroup } from '../api/15-describe-groups.ts';
import { listTransactions } from '../api/66-list-transactions.ts';
import type { Cluster } from '../cluster.ts';
import { openTransactionalWriter } from '../writer/transactional-writer.ts';
import { claimIn } from './kafkajs-group.ts';

/**
 * Ends the open transactions of writers that belonged to members of a group and whose members are in it no more: without
 * it whoever reads what they wrote would wait for their time-out. Nothing rests on it but time: what such a writer still
 * does is refused because its generation is over. Answers whose were ended.
 */
export async function endLeftBehind(cluster: Cluster, group: string, prefix: string): Promise<readonly string[]> {
  // In this order: who has joined since the list was made is not taken for gone.
  const open = (await openTransactions(cluster)).filter((id) => id.startsWith(prefix));
  if (open.length === 0) return [];
  const alive = await writersOf(cluster, group);
  // In the middle of a rebalance nobody can say who is gone; the next generation asks again.
  if (alive === undefined) return [];
  const left = open.filter((id) => !alive.has(id));
  await Promise.all(left.map((transactionalId) => openTransactionalWriter(cluster, { transactionalId }).fence()));
  return left;
}

async function openTransactions(cluster: Cluster): Promise<readonly string[]> {
  const lists = (await cluster.nodes()).map(async (node) => {
    try {
      const { transactions } = await cluster.send({ node }, listTransactions, ['Ongoing']);
      return transactions.map(({ transactionalId }) => transactionalId);
    } catch (thrown) {
      // A broker that is down coordinates nothing now.
      if (classify(thrown).verdict !== 'retry') throw thrown;
      return [];
    }
  });
  return (await Promise.all(lists)).flat();
}

async function writersOf(cluster: Cluster, group: string): Promise<ReadonlySet<string> | undefined> {
  try {
    const found = await cluster.send({ coordinator: 'group', key: group }, describeGroup, group);
    if (found?.error !== 0 || found.state !== 'Stable') return undefined;
    return new Set(found.members.flatMap(({ metadata }) => claimIn(metadata).writer ?? []));
  } catch (thrown) {
    cluster.forgetCoordinator('group', group);
    throw thrown;
  }
}
