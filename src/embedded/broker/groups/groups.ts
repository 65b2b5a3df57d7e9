import { codeOf, kafkaError, Refused, type KafkaError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Store } from '../log/store.ts';
import type { Settings } from '../settings.ts';
import { checkJoin } from './bounds.ts';
import { check } from './check.ts';
import { openCommits, type Answered, type Commit, type Fetched } from './commits.ts';
import { openDirectory } from './directory.ts';
import type { Group, State } from './group.ts';
import { join } from './join.ts';
import { leave, type Leaver, type Left } from './leave.ts';
import {
  refusedJoin,
  refusedSync,
  type Joined,
  type JoinRequest,
  type Member,
  type Membership,
  type Synced,
  type SyncRequest,
} from './member.ts';
import type { ByTopic } from './offsets.ts';
import { sync } from './sync.ts';
import { after, type After } from './timers.ts';

export interface Listed {
  readonly group: string;
  /** Empty: it only keeps offsets. */
  readonly protocolType: string;
  readonly state: State;
}

export interface Described extends Listed {
  readonly protocol: string | null;
  readonly members: readonly Member[];
}

/** The group coordinator. What it answers survives a restart; a refusal that concerns all of a request is thrown. */
export interface Groups {
  join(request: JoinRequest): Promise<Joined>;
  sync(request: SyncRequest): Promise<Synced>;
  /** Throws where a member should know of something. */
  heartbeat(group: string, who: Membership): void;
  leave(group: string, leavers: readonly Leaver[]): Promise<readonly Left[]>;
  list(): readonly Listed[];
  describe(group: string): Described | undefined;
  delete(group: string): Promise<void>;
  commit(request: Commit): Promise<readonly ByTopic<Answered>[]>;
  /** Of all partitions where none are named; `stable`: what an open transaction may move is refused. */
  fetch(group: string, wanted: readonly ByTopic<number>[] | null, stable: boolean): readonly ByTopic<Fetched>[];
  deleteOffsets(group: string, places: readonly ByTopic<number>[]): Promise<readonly ByTopic<Answered>[]>;
  /** The topic is gone: one that comes under its name has other records. */
  forgetTopic(topic: string): Promise<void>;
  /** Commits in a transaction that is open: it counts when that is committed. */
  stage(producerId: number, request: Commit): Promise<readonly ByTopic<Answered>[]>;
  /** The transaction is over; nothing where nothing is staged. */
  endStaged(producerId: number, commit: boolean): Promise<void>;
  stagedGroups(producerId: number): readonly string[];
  /** Who has staged something. */
  readonly stagedBy: Iterable<number>;
  /** Leaves no timer; who still waits is not answered. */
  close(): void;
}

export interface GroupsOptions {
  readonly store: Store;
  readonly settings: Pick<Settings, 'initialRebalanceMs'>;
  /** Undefined: there is no such topic. */
  readonly partitionsOf: (topic: string) => number | undefined;
  readonly now?: () => number;
  readonly later?: After;
}

export function openGroups({ store, settings, partitionsOf, now = Date.now, later = after }: GroupsOptions): Groups {
  const directory = openDirectory({ store, later, now, initialRebalanceMs: settings.initialRebalanceMs });
  const { offsets } = directory;
  const commits = openCommits(directory, partitionsOf, now);

  const find = (id: string, unknown: KafkaError): Group => {
    if (id === '') throw new Refused(kafkaError.invalidGroupId, 'a group without a name');
    const group = directory.find(id);
    if (group === undefined) throw new Refused(unknown, `no group ${id}`);
    return group;
  };
  const listed = ({ id, state, roster }: Group): Listed => ({
    group: id,
    protocolType: roster.protocolType ?? '',
    state,
  });

  return {
    join: async (request) => {
      const { group, member, sessionMs } = request;
      if (group === '') return refusedJoin(kafkaError.invalidGroupId, member);
      if (sessionMs < limits.shortestSessionMs || sessionMs > limits.longestSessionMs)
        return refusedJoin(kafkaError.invalidSessionTimeout, member);
      let found: Group | undefined;
      const error = codeOf(() => {
        found = member === '' ? directory.open(group) : directory.find(group);
        if (found !== undefined) checkJoin(found, directory.all, request);
      });
      if (error !== kafkaError.none) return refusedJoin(error, member);
      return found === undefined ? refusedJoin(kafkaError.unknownMemberId, member) : join(found, request);
    },
    sync: async (request) => {
      if (request.group === '') return refusedSync(kafkaError.invalidGroupId);
      const found = directory.find(request.group);
      return found === undefined ? refusedSync(kafkaError.unknownMemberId) : sync(found, request);
    },
    heartbeat: (id, who) => {
      const group = find(id, kafkaError.unknownMemberId);
      const member = check(group, who);
      group.alive(member.id, member.sessionMs);
      if (group.state === 'PreparingRebalance')
        throw new Refused(kafkaError.rebalanceInProgress, `group ${id} rebalances`);
    },
    leave: async (id, leavers) => {
      if (id !== '' && directory.find(id) === undefined)
        return leavers.map((one) => ({ ...one, error: kafkaError.unknownMemberId }));
      return leave(find(id, kafkaError.unknownMemberId), leavers);
    },
    list: () => [...directory.all].filter(({ state }) => state !== 'Dead').map(listed),
    describe: (id) => {
      const group = directory.find(id);
      if (group === undefined || group.state === 'Dead') return undefined;
      return { ...listed(group), protocol: group.protocol, members: group.roster.all };
    },
    delete: async (id) => {
      const group = directory.find(id);
      if (group === undefined || group.state === 'Dead')
        throw new Refused(kafkaError.groupIdNotFound, `no group ${id}`);
      if (group.state !== 'Empty') throw new Refused(kafkaError.nonEmptyGroup, `group ${id} has members`);
      await directory.remove(group);
    },
    commit: (request) => commits.commit(request),
    fetch: (group, wanted, stable) => commits.fetch(group, wanted, stable),
    deleteOffsets: async (id, places) => {
      find(id, kafkaError.groupIdNotFound);
      return commits.remove(id, places);
    },
    forgetTopic: (topic) => directory.forgetTopic(topic),
    stage: (producerId, request) => commits.stage(producerId, request),
    endStaged: (producerId, commit) => offsets.endStaged(producerId, commit),
    get stagedBy() {
      return offsets.stagedBy;
    },
    stagedGroups: (producerId) => offsets.stagedGroups(producerId),
    close: () => directory.close(),
  };
}
