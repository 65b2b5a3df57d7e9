import { randomUUID } from 'node:crypto';
import { kafkaError, Refused, type KafkaError } from '../errors.ts';
import type { Group } from './group.ts';
import { joined } from './joined.ts';
import { answerJoin, isUnchanged, nothing, refusedJoin, type Joined, type JoinRequest, type Member } from './member.ts';

/** Answers when the generation that it becomes part of begins, or at once where it is part of it already. */
export function join(group: Group, request: JoinRequest): Promise<Joined> {
  return new Promise((resolve) => {
    const refuse = (error: KafkaError): void => resolve(refusedJoin(error, request.member));
    if (group.state === 'Dead') refuse(kafkaError.coordinatorNotAvailable);
    else if (!supports(group, request)) refuse(kafkaError.inconsistentGroupProtocol);
    else if (request.member === '') joinNew(group, request, resolve);
    else if (group.roster.pending.has(request.member) && request.instance === null)
      add(group, request, request.member, resolve);
    else
      try {
        rejoin(group, request, group.roster.find(request.member, request.instance), resolve);
      } catch (thrown) {
        if (!(thrown instanceof Refused)) throw thrown;
        refuse(thrown.code);
      }
  });
}

type Resolve = (answer: Joined) => void;

function supports({ state, roster }: Group, { protocolType, protocols }: JoinRequest): boolean {
  if (state === 'Empty') return protocolType !== '' && protocols.length > 0;
  // All have left, and the rebalance that finds out is under way.
  if (roster.size === 0) return protocols.length > 0 && (roster.protocolType ?? protocolType) === protocolType;
  return roster.supports(protocolType, protocols);
}

function joinNew(group: Group, request: JoinRequest, resolve: Resolve): void {
  const { instance, clientId, sessionMs } = request;
  const id = `${instance ?? clientId}-${randomUUID()}`;
  const holder = instance === null ? undefined : group.roster.holder(instance);
  const old = holder === undefined ? undefined : group.roster.get(holder);
  if (old !== undefined) return comeBack(group, request, old, id, resolve);
  if (instance !== null || !request.needsId) return add(group, request, id, resolve);
  group.expect(id, sessionMs);
  resolve(refusedJoin(kafkaError.memberIdRequired, id));
}

function add(group: Group, request: JoinRequest, id: string, resolve: Resolve): void {
  const { instance, clientId, host, sessionMs, rebalanceMs, protocols, protocolType } = request;
  const waits = { joining: resolve, syncing: undefined, isNew: true, assignment: nothing };
  group.add({ id, instance, clientId, host, sessionMs, rebalanceMs, protocols, ...waits }, protocolType);
}

const update = (member: Member, { protocols, sessionMs, rebalanceMs }: JoinRequest, resolve: Resolve): void => {
  Object.assign(member, { protocols, sessionMs, rebalanceMs, joining: resolve });
};

function rejoin(group: Group, request: JoinRequest, member: Member, resolve: Resolve): void {
  const leads = group.roster.leader === member.id;
  // A leader joins again where there is something new to share out.
  const changes = group.state === 'PreparingRebalance' || (leads && group.state === 'Stable');
  // Otherwise it has not heard of the generation that it is in.
  if (!changes && isUnchanged(member, request)) return resolve(joined(group, member));
  update(member, request, resolve);
  group.rebalance();
}

/** A static member goes on with what was assigned to it, and nobody is disturbed. */
function comeBack(group: Group, request: JoinRequest, old: Member, id: string, resolve: Resolve): void {
  const leader = group.roster.leader ?? '';
  const [state, selected] = [group.state, group.protocol];
  const member = group.replace(old, id);
  update(member, request, resolve);
  if (state !== 'Stable' || group.roster.selectProtocol() !== selected) return group.rebalance();
  const leads = group.roster.leader === id;
  const told = request.canSkipAssignment ? { skipAssignment: leads } : { leader, members: [] };
  const generation = group.generation;
  group.save(group.assignments()).then(
    () => {
      if (group.generation === generation && group.state === 'Stable') answerJoin(member, joined(group, member, told));
    },
    () => {
      // It was told nothing of its new name.
      if (group.roster.get(id) !== member) return;
      const { protocols, sessionMs, rebalanceMs } = old;
      answerJoin(member, refusedJoin(kafkaError.coordinatorNotAvailable, ''));
      Object.assign(group.replace(member, old.id), { protocols, sessionMs, rebalanceMs });
    },
  );
}
