import { kafkaError } from '../errors.ts';
import type { Answered } from '../groups/commits.ts';
import { readTopics, writeTopics, type Api, type Grouped } from './api.ts';
import { refusedAs } from './refused.ts';

interface Request {
  readonly group: string;
  readonly topics: readonly Grouped<number>[];
}

interface Response {
  readonly error: number;
  readonly topics: readonly Grouped<Answered>[];
}

const refuse = (error: number): Response => ({ error, topics: [] });

// group, [topic, [partition i32]] -> error i16, throttle i32, [topic, [partition i32, error i16]]
export const offsetDelete: Api<Request, Response> = {
  key: 47,
  name: 'OffsetDelete',
  served: { min: 0, max: 0 },
  flexibleFrom: Infinity,
  read: (from) => ({ group: from.string(), topics: readTopics(from, () => from.int32()) }),
  write: (to, { error, topics }) => {
    to.int16(error).int32(0);
    writeTopics(to, topics, ({ partition, error: own }) => to.int32(partition).int16(own));
  },
  refuse: (_, error) => refuse(error),
  handle: ({ group, topics }, { broker }) =>
    broker.groups
      .deleteOffsets(group, topics)
      .then((answered): Response => ({ error: kafkaError.none, topics: answered }))
      .catch(refusedAs(refuse)),
};
