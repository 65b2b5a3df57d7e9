import { kafkaError, Refused } from '../errors.ts';
import type { Api, Call } from './api.ts';
import { distinctBy } from './distinct.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { checkAssignment } from './places.ts';
import { repeated } from './repeated.ts';

interface Wanted {
  readonly topic: string;
  /** Of all, with those that there are. */
  readonly count: number;
  readonly assignments: readonly (readonly number[])[] | null;
}

interface Request {
  readonly topics: readonly Wanted[];
  readonly validateOnly: boolean;
}

// [topic, count i32, [[node i32]]?], time-out i32, validate only bool -> throttle i32, [topic, error i16, text?]
export const createPartitions: Api<Request, readonly (Outcome & { readonly topic: string })[]> = {
  key: 37,
  name: 'CreatePartitions',
  served: { min: 0, max: 3 },
  flexibleFrom: 2,
  read: (from) => {
    const topics = from.array(() =>
      from.struct(() => ({
        topic: from.string(),
        count: from.int32(),
        assignments: from.items(() => from.struct(() => from.array(() => from.int32()))),
      })),
    );
    from.int32();
    return { topics, validateOnly: from.bool() };
  },
  write: (to, topics) => {
    to.int32(0);
    to.array(topics, ({ topic, error, message }) => to.text(topic).int16(error).text(message).tags()).tags();
  },
  refuse: ({ topics }, error) => topics.map(({ topic }) => ({ topic, error, message: null })),
  handle: ({ topics, validateOnly }, { broker }) => {
    const twice = repeated(topics.map(({ topic }) => topic));
    return distinctBy(topics, ({ topic }) => topic).map((wanted) => {
      const { topic, count } = wanted;
      const outcome = outcomeOf(() => {
        if (twice.has(topic)) throw new Refused(kafkaError.invalidRequest, 'Duplicate topic name.');
        broker.topics.checkMore(topic, count);
        checkAssignments(wanted, broker);
        if (!validateOnly) broker.topics.addPartitions(topic, count);
      });
      return { topic, ...outcome };
    });
  },
};

function checkAssignments({ topic, count, assignments }: Wanted, { topics, node }: Call['broker']): void {
  if (assignments === null) return;
  const more = count - (topics.find(topic)?.logs.length ?? 0);
  if (assignments.length !== more)
    throw new Refused(
      kafkaError.invalidReplicaAssignment,
      `Attempted to add ${more} additional partition(s), but ${assignments.length} assignment(s) were specified.`,
    );
  for (const nodes of assignments) checkAssignment(nodes, node.id);
}
