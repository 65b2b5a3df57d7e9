import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../../support/describe-with.ts';
import { eventually } from '../../../support/eventually.ts';
import { quietKafka } from '../../../support/kafka-client.ts';
import { topicName } from '../../../support/topic-name.ts';
import { downlink, plain, prompt, type OpenReader } from './readers.ts';

describeWith('kafka', 'a handler whose partition has gone to another member', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const [admin, producer] = [kafka.admin(), kafka.producer()];

  beforeAll(() => Promise.all([admin.connect(), producer.connect()]));
  afterAll(() => Promise.all([admin.disconnect(), producer.disconnect()]));

  /** What a first member, busy until a second one has read, then does of the second one's records, taking them for its own. */
  const doneTwice = async (open: OpenReader): Promise<readonly string[]> => {
    const topic = topicName('lost');
    const question = { bootstrap, group: `${topic}-group`, topics: [topic] };
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
    const valuesOf = (partition: number) => [1, 2, 3].map((record) => ({ partition, value: `${partition}.${record}` }));
    await producer.send({ topic, messages: [0, 1].flatMap(valuesOf) });
    const done: string[] = [];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const handle = async (value: string, isOurs: () => boolean): Promise<void> => {
      await released;
      if (isOurs()) done.push(value);
    };
    const first = await open({ ...question, handle });
    await eventually('the first is at work on both', () => first.values().length === 2);
    const second = await open(question);
    await eventually('the second has read', () => second.values().length >= 3);
    const taken = second.values();
    release();
    await eventually('the first has gone on', () => first.values().length === 6);
    await Promise.all([first.close(), second.close()]);
    return done.filter((value) => taken.includes(value)).sort();
  };

  test('is told', async () => {
    expect(await doneTwice(downlink)).toEqual([]);
  });

  test('goes on with kafkajs, for which it is running and not stale', async () => {
    // So long the broker waits for a busy member; by default it is a minute.
    const consumer = { ...prompt, rebalanceTimeout: 500 };
    const kafkajs = plain({ consumer, run: { partitionsConsumedConcurrently: 2 } });
    expect(await doneTwice(kafkajs)).toEqual(['0.1', '0.2', '0.3', '1.1', '1.2', '1.3']);
  });
});
