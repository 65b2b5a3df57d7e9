import { kafkaError, Refused, type KafkaError } from '../errors.ts';
import { checkShares } from './bounds.ts';
import { check } from './check.ts';
import type { Group } from './group.ts';
import { nothing, refusedSync, type Member, type Synced, type SyncRequest } from './member.ts';

/** Answers a member's share, when the leader has shared out. */
export function sync(group: Group, request: SyncRequest): Promise<Synced> {
  return new Promise((resolve) => {
    const refuse = (error: KafkaError): void => resolve(refusedSync(error));
    try {
      const member = check(group, request);
      const { protocolType } = group.roster;
      const differs = (said: string | null, is: string | null): boolean => said !== null && is !== null && said !== is;
      if (differs(request.protocolType, protocolType) || differs(request.protocol, group.protocol))
        return refuse(kafkaError.inconsistentGroupProtocol);
      if (group.state === 'PreparingRebalance') return refuse(kafkaError.rebalanceInProgress);
      group.hasSynced(member.id);
      if (group.state === 'Stable') {
        const { assignment } = member;
        return resolve({ error: kafkaError.none, protocolType, protocol: group.protocol, assignment });
      }
      member.syncing = resolve;
      if (group.roster.leader === member.id) shareOut(group, request);
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      refuse(thrown.code);
    }
  });
}

/** Nobody hears of it before it is written down: after a restart all would go on with it. */
function shareOut(group: Group, { assignments, generation }: SyncRequest): void {
  const all = new Map(group.roster.all.map(({ id }: Member) => [id, assignments.get(id) ?? nothing]));
  const isStill = (): boolean => group.state === 'CompletingRebalance' && group.generation === generation;
  const save = async (): Promise<void> => {
    checkShares(all);
    await group.save(all);
  };
  save().then(
    () => {
      if (isStill()) group.settle(all);
    },
    (thrown: unknown) => {
      if (isStill()) group.fail(thrown instanceof Refused ? thrown.code : kafkaError.coordinatorNotAvailable);
    },
  );
}
