import { kafkaError, Refused } from '../errors.ts';
import type { Topic } from '../topics/topics.ts';
import type { Api, Call } from './api.ts';
import { distinctBy } from './distinct.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { repeated } from './repeated.ts';
import { noTopicId, readTopicId, writeTopicId } from './topic-id.ts';

interface Wanted {
  readonly name: string | null;
  readonly id: string;
}

// [topic?, id uuid] (6+), [topic] (1-5), time-out i32 -> throttle i32, [topic? (6+), id uuid (6+), error i16, text? (5+)]
export const deleteTopics: Api<readonly Wanted[], readonly (Wanted & Outcome)[]> = {
  key: 20,
  name: 'DeleteTopics',
  served: { min: 1, max: 6 },
  flexibleFrom: 4,
  read: (from, version) => {
    const topics = from.array((): Wanted =>
      version >= 6
        ? from.struct(() => ({ name: from.text(), id: readTopicId(from) }))
        : { name: from.string(), id: noTopicId },
    );
    from.int32();
    return topics;
  },
  write: (to, topics, version) => {
    to.int32(0);
    to.array(topics, ({ name, id, error, message }) => {
      to.text(name);
      if (version >= 6) writeTopicId(to, id);
      to.int16(error);
      if (version >= 5) to.text(message);
      to.tags();
    }).tags();
  },
  refuse: (topics, error) => topics.map((one) => ({ ...one, error, message: null })),
  handle: async (topics, { broker }) => {
    const removed: string[] = [];
    const found = topics.map((one) => ({ one, topic: topicOf(one, broker), key: keyOf(one, broker) }));
    const twice = repeated(found.map(({ key }) => key));
    const answers = distinctBy(found, ({ key }) => key).map(({ one, topic, key }) => {
      const outcome = outcomeOf(() => {
        if (one.name !== null && one.id !== noTopicId)
          throw new Refused(kafkaError.invalidRequest, 'You may not specify both topic name and topic id.');
        if (twice.has(key)) throw new Refused(kafkaError.invalidRequest, 'Duplicate topic name.');
        if (topic === undefined)
          throw new Refused(
            one.name === null ? kafkaError.unknownTopicId : kafkaError.unknownTopicOrPartition,
            'This server does not host this topic.',
          );
        // Kafka deletes them, and all that groups and transactions have committed with them.
        if (topic.internal) throw new Refused(kafkaError.invalidRequest, `${topic.name} is the broker's own.`);
        broker.topics.remove(topic.name);
        removed.push(topic.name);
      });
      return { name: topic?.name ?? one.name, id: topic?.id ?? one.id, ...outcome };
    });
    // One that comes under the same name has other records.
    await Promise.all(removed.map((name) => broker.groups.forgetTopic(name)));
    return answers;
  },
};

const topicOf = ({ name, id }: Wanted, { topics }: Call['broker']): Topic | undefined =>
  name === null ? topics.byId(id) : topics.find(name);

/** One topic may be asked for by its name and by its id. */
const keyOf = (wanted: Wanted, broker: Call['broker']): string =>
  topicOf(wanted, broker)?.name ?? wanted.name ?? wanted.id;
