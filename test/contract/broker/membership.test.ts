import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openCluster } from '../../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../../src/kafka/connection.ts';
import { describeGroup } from '../../../src/kafka/api/15-describe-groups.ts';
import { leaveFor } from '../../../src/kafka/group/leave-for.ts';
import type { Generation } from '../../../src/kafka/group/generation.ts';
import { joinGroup, type Membership } from '../../../src/kafka/group/membership.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'members of a group', ({ bootstrap }) => {
  const admin = quietKafka(bootstrap).admin();
  const topic = topicName('membership');
  const failures: unknown[] = [];
  const cluster = openCluster(kafkaConfig({ brokers: bootstrap.split(','), clientId: 'membership-test' }));

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 5 }] });
  });
  afterAll(() => Promise.all([admin.disconnect(), cluster.close()]));

  const join = (): { membership: Membership; seen: Generation[] } => {
    const seen: Generation[] = [];
    const membership = joinGroup({
      cluster,
      config: { brokers: bootstrap.split(','), clientId: 'membership-test' },
      group: `${topic}-group`,
      topics: [topic],
      onGeneration: (generation) => seen.push(generation),
      onFailure: (error) => failures.push(error),
    });
    return { membership, seen };
  };
  const membersOf = async () => {
    const group = `${topic}-group`;
    const found = await cluster.send({ coordinator: 'group', key: group }, describeGroup, group);
    return found?.state === 'Stable' ? found.members : undefined;
  };
  const owned = (all: readonly { membership: Membership }[]) =>
    all.reduce((sum, { membership }) => sum + numbers(membership).length, 0);
  const numbers = ({ current }: Membership) => (current?.partitions ?? []).map(({ partition }) => partition).sort();

  test('share all partitions, and what can stay with its owner stays, as they come and go', async () => {
    const first = join();
    await eventually('the first has all', () => numbers(first.membership).length === 5);
    const began = performance.now();
    const second = join();
    await eventually(
      'both have a part',
      () => numbers(second.membership).length === 2 && numbers(first.membership).length === 3,
    );
    process.stderr.write(
      `a second member: both in the new generation after ${Math.round(performance.now() - began)} ms\n`,
    );
    const kept = numbers(first.membership);
    expect([...kept, ...numbers(second.membership)].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(first.membership.current?.number).toBe(second.membership.current?.number);

    const third = join();
    await eventually('all three have a part', () => numbers(third.membership).length === 1);
    await eventually('the others know', () => numbers(first.membership).length === 2);
    expect(numbers(first.membership).every((partition) => kept.includes(partition))).toBe(true);

    await third.membership.leave();
    await eventually(
      'two have all again',
      () => numbers(first.membership).length + numbers(second.membership).length === 5,
    );
    const left = performance.now();
    await second.membership.leave();
    await eventually('the first has all again', () => numbers(first.membership).length === 5);
    process.stderr.write(
      `after a leave: all partitions have an owner after ${Math.round(performance.now() - left)} ms\n`,
    );
    expect(second.membership.current).toBeUndefined();
    await first.membership.leave();
    expect(failures).toEqual([]);
  });

  test('who is thrown out of the group comes back to it as somebody new', async () => {
    const one = join();
    await eventually('it has all', () => numbers(one.membership).length === 5);
    const member = one.membership.current?.member ?? '';
    await leaveFor(cluster, `${topic}-group`, member);
    await leaveFor(cluster, `${topic}-group`, member);
    await eventually('it is back', () => one.seen.length > 1 && numbers(one.membership).length === 5);
    expect(one.membership.current?.member).not.toBe(member);
    await one.membership.leave();
    expect(failures).toEqual([]);
  });

  test('who leaves while it joins, or while another does, leaves nobody behind whom the group would wait for', async () => {
    const stays = join();
    await eventually('it has all', () => numbers(stays.membership).length === 5);
    for (const ms of [0, 5, 10, 20, 30, 40, 60, 80]) {
      const [comes, other] = [join(), join()];
      await delay(ms);
      await comes.membership.leave();
      const wanted = ms % 20 === 0 ? [stays, other] : [stays];
      if (wanted.length === 1) await other.membership.leave();
      // A session is ten seconds: who is still a member then was left behind.
      await eventually(
        'the group knows of no other, and all partitions have owners',
        async () => (await membersOf())?.length === wanted.length && owned(wanted) === 5,
        5_000,
      );
      if (wanted.length === 2) await other.membership.leave();
    }
    await stays.membership.leave();
    expect(failures).toEqual([]);
  }, 60_000);
});
