import { kafkaError, Refused } from '../errors.ts';
import { checkTopicName } from '../topics/topic-name.ts';
import type { Topic, Topics } from '../topics/topics.ts';

/** Something that has configs. */
export interface Resource {
  readonly type: number;
  readonly name: string;
}

/** Kafka's numbers of those that there are here. */
export const resourceTypes = { topic: 2, broker: 4 } as const;

export function topicNamed(name: string, topics: Topics): Topic {
  checkTopicName(name);
  const topic = topics.find(name);
  if (topic === undefined) throw new Refused(kafkaError.unknownTopicOrPartition, `there is no topic ${name}`);
  return topic;
}
