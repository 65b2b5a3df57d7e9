import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openCluster } from '../../../src/kafka/cluster.ts';
import { leaveFor } from '../../../src/kafka/group/leave-for.ts';
import type { Generation } from '../../../src/kafka/group/generation.ts';
import { joinGroup, type Membership } from '../../../src/kafka/group/membership.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'members of a group', ({ bootstrap }) => {
  const admin = quietKafka(bootstrap).admin();
  const topic = topicName('membership');
  const failures: unknown[] = [];

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 5 }] });
  });
  afterAll(() => admin.disconnect());

  const join = (): { membership: Membership; seen: Generation[] } => {
    const seen: Generation[] = [];
    const membership = joinGroup({
      config: { brokers: bootstrap.split(','), clientId: 'membership-test' },
      group: `${topic}-group`,
      topics: [topic],
      onGeneration: (generation) => seen.push(generation),
      onFailure: (error) => failures.push(error),
    });
    return { membership, seen };
  };
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
    const cluster = openCluster({ brokers: bootstrap.split(','), clientId: 'membership-test' });
    await leaveFor(cluster, `${topic}-group`, member);
    await leaveFor(cluster, `${topic}-group`, member);
    await eventually('it is back', () => one.seen.length > 1 && numbers(one.membership).length === 5);
    expect(one.membership.current?.member).not.toBe(member);
    await Promise.all([cluster.close(), one.membership.leave()]);
    expect(failures).toEqual([]);
  });
});
