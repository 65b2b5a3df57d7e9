import type { ConsumerConfig, EachMessagePayload, Kafka } from 'kafkajs';
import { eventually } from './eventually.ts';

export interface GroupMember {
  readonly read: readonly EachMessagePayload[];
  /** The partitions that the last join gave it. */
  partitions(): readonly number[];
  /** The values read so far, as text. */
  values(): string[];
  leave(): Promise<void>;
}

/** A member of a group that reads from the group's offsets on, at first from the start, and commits what it has read. */
export async function joinGroup(
  kafka: Kafka,
  groupId: string,
  topic: string,
  more: Partial<ConsumerConfig> = {},
): Promise<GroupMember> {
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 6_000,
    heartbeatInterval: 200,
    rebalanceTimeout: 6_000,
    // How late kafkajs notices that it is to stop or to join again.
    maxWaitTimeInMs: 100,
    ...more,
  });
  let assigned: readonly number[] = [];
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assigned = (payload.memberAssignment as Record<string, number[]>)[topic] ?? [];
  });
  const read: EachMessagePayload[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: (payload) => {
      read.push(payload);
      return Promise.resolve();
    },
  });
  return {
    read,
    partitions: () => assigned,
    values: () => read.map(({ message }) => String(message.value)),
    leave: () => consumer.disconnect(),
  };
}

/**
 * Everything in the topic, up to a record of this value in each partition, as a reader of committed records sees it.
 */
export async function readUpTo(
  kafka: Kafka,
  topic: string,
  last: string,
  partitions = 1,
): Promise<EachMessagePayload[]> {
  const reader = await joinGroup(kafka, `${topic}-reader-${Date.now()}`, topic, { readUncommitted: false });
  try {
    const ends = (): number => reader.values().filter((value) => value === last).length;
    await eventually(`a record ${last} at the end of ${topic}`, () => ends() === partitions);
    return [...reader.read];
  } finally {
    await reader.leave();
  }
}
