import type { Cluster, Target } from '../../src/kafka/cluster.ts';
import type { GroupOptions, MemberOfGroup } from '../../src/kafka/group/kafkajs-group.ts';
import type { Claim } from '../../src/kafka/group/sticky.ts';
import type { Link } from '../../src/kafka/link.ts';
import { DownlinkError } from '../../src/errors.ts';
import type { BrokerModel } from './broker.ts';
import type { Joined, Synced } from './group.ts';
import type { Network } from './network.ts';
import { setTimeout as delay } from './virtual-time.ts';

/** Who coordinates what, so that one can be away without the other. */
const coordinators = { transaction: 1, group: 2 };

/** What stands in for a process' connections to its brokers: requests as they are before they are bytes. */
export function openClusterModel(broker: BrokerModel, network: Network): Cluster {
  const nodeOf = (target: Target): number => {
    if (target === 'anybody') return 1;
    if ('coordinator' in target) return coordinators[target.coordinator];
    return 'node' in target ? target.node : broker.leaderOf(target.leaderOf.partition);
  };
  const linkAt = (target: Target): Link => ({
    supported: { error: 0, versions: new Map(), features: new Map([['transaction.version', 2]]) },
    broken: false,
    versionOf: (api) => api.versions.max,
    send: (api, request, timeoutMs = 5_000) =>
      network.exchange(nodeOf(target), api.name, timeoutMs, (answer) => {
        broker.handle(api.key, request, answer as (response: unknown) => void);
      }),
    close: () => Promise.resolve(),
  });
  return {
    linkTo: (target) => Promise.resolve(linkAt(target)),
    send: (target, api, request, timeoutMs) => linkAt(target).send(api, request, timeoutMs),
    leaderOf: ({ partition }) => Promise.resolve(broker.leaderOf(partition)),
    partitionsOf: (topic) => Promise.resolve([...broker.logs.values()].filter((log) => log.topic === topic).length),
    nodes: () => Promise.resolve([coordinators.transaction]),
    forgetLeader: () => undefined,
    forgetCoordinator: () => undefined,
    close: () => Promise.resolve(),
  };
}

class GroupError extends Error {
  readonly error: number;

  constructor(error: number) {
    super(`error ${error}`);
    this.error = error;
  }
}

const unknownMember = 25;
const memberIdRequired = 79;
const again: readonly number[] = [16, unknownMember, 27];

/** As kafkajs does it: it joins and syncs, up to three times where the group says so, and forgets an id that is unknown. */
export function openMemberModel(broker: BrokerModel, network: Network, options: GroupOptions): MemberOfGroup {
  const { group: name, sessionTimeoutMs, rebalanceTimeoutMs, topics, claim, assign } = options;
  const group = broker.group(name);
  const longest = rebalanceTimeoutMs + 5_000;
  let member = '';
  let generation = -1;
  let disconnect: () => void = () => undefined;
  const disconnected = new Promise<never>((_, reject) => {
    disconnect = () => reject(new DownlinkError('kafka-unavailable', 'disconnected'));
  });
  disconnected.catch(() => undefined);
  const ask = <T>(what: string, handle: (answer: (value: T) => void) => void): Promise<T> =>
    Promise.race([network.exchange<T>(coordinators.group, what, longest, handle), disconnected]);

  const join = async (): Promise<Joined> => {
    const metadata = Buffer.from(JSON.stringify(claim()));
    const request = { member, sessionTimeoutMs, rebalanceTimeoutMs, metadata };
    const joined = await ask<Joined>('JoinGroup', (answer) => {
      group.join(request, answer);
    });
    if (joined.error === memberIdRequired) {
      member = joined.member;
      return join();
    }
    if (joined.error !== 0) throw new GroupError(joined.error);
    return joined;
  };
  const assignments = (joined: Joined): ReadonlyMap<string, readonly number[]> => {
    if (joined.leader !== joined.member) return new Map();
    const claims = joined.members.map((one) => ({ ...claimIn(one.metadata), member: one.member }));
    const partitions = [...broker.logs.values()].filter(({ topic }) => topics.includes(topic));
    const places = partitions.map(({ topic, partition }) => ({ topic, partition }));
    const assigned = assign(
      claims,
      places.sort((a, b) => a.partition - b.partition),
    );
    return new Map([...assigned].map(([one, own]) => [one, own.map(({ partition }) => partition)]));
  };
  const joinAndSync = async () => {
    const joined = await join();
    ({ generation } = joined);
    const mine = { member, generation };
    const assigned = assignments(joined);
    const synced = await ask<Synced>('SyncGroup', (answer) => {
      group.sync(mine.member, mine.generation, assigned, answer);
    });
    if (synced.error !== 0) throw new GroupError(synced.error);
    const [topic = ''] = topics;
    return { number: generation, member, partitions: synced.partitions.map((partition) => ({ topic, partition })) };
  };

  return {
    join: async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await joinAndSync();
        } catch (thrown) {
          if (!(thrown instanceof GroupError)) throw thrown;
          if (thrown.error === unknownMember) member = '';
          if (!again.includes(thrown.error) || attempt === 3)
            throw new DownlinkError('kafka-unavailable', `joining ${name}: ${thrown.message}`);
          await delay(20 * attempt);
        }
      }
    },
    heartbeat: async () => {
      const mine = { member, generation };
      const error = await ask<number>('Heartbeat', (answer) => {
        answer(group.heartbeat(mine.member, mine.generation));
      }).catch(() => -1);
      if (error === unknownMember) member = '';
      return error === 0 ? 'alive' : 'over';
    },
    leave: async () => {
      const leaving = member;
      const leave = (answer: (value: number) => void) => {
        group.leave(leaving);
        answer(0);
      };
      if (leaving !== '') await ask('LeaveGroup', leave).catch(() => undefined);
      disconnect();
    },
  };
}

/** What stands in for the one of kafkajs-group.ts. */
export const claimIn = (metadata: Buffer): Omit<Claim, 'member'> =>
  JSON.parse(metadata.toString()) as Omit<Claim, 'member'>;
