import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../../support/describe-with.ts';
import { eventually } from '../../../support/eventually.ts';
import { quietKafka } from '../../../support/kafka-client.ts';
import { topicName } from '../../../support/topic-name.ts';
import { downlink, plain, type OpenReader, type Reader } from './readers.ts';

describeWith('kafka', 'a member of a group that has nothing to read', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  const newTopic = async (): Promise<string> => {
    const topic = topicName('notice');
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
    return topic;
  };

  beforeAll(() => Promise.all([admin.connect(), producer.connect()]));
  afterAll(() => Promise.all([admin.disconnect(), producer.disconnect()]));

  /** How long, in ms, until it shares its partitions with a second member. */
  const untilShared = async <R extends Reader>(open: OpenReader<R>, waits: (reader: R) => boolean): Promise<number> => {
    const topic = await newTopic();
    const question = { bootstrap, group: `${topic}-group`, topics: [topic] };
    const first = await open(question);
    await eventually('the first has all', () => first.partitions().length === 2 && waits(first));
    const began = performance.now();
    const second = await open(question);
    await eventually('both have half', () => [first, second].every((one) => one.partitions().length === 1));
    const ms = performance.now() - began;
    const left = [first.close(), second.close()];
    // Ends the fetches for which kafkajs waits before it stops.
    await producer.send({ topic, messages: [0, 1].map((partition) => ({ value: 'x', partition })) });
    await Promise.all(left);
    return ms;
  };
  /** How long, in ms, until it has stopped when told to. */
  const untilStopped = async <R extends Reader>(
    open: OpenReader<R>,
    waits: (reader: R) => boolean,
  ): Promise<number> => {
    const topic = await newTopic();
    const reader = await open({ bootstrap, group: `${topic}-group`, topics: [topic] });
    await eventually('it has all', () => reader.partitions().length === 2 && waits(reader));
    const began = performance.now();
    await reader.close();
    return performance.now() - began;
  };
  const both = async <R extends Reader>(name: string, open: OpenReader<R>, waits: (reader: R) => boolean) => {
    const [shared, stopped] = await Promise.all([untilShared(open, waits), untilStopped(open, waits)]);
    process.stderr.write(`${name}: shares after ${Math.round(shared)} ms, stops after ${Math.round(stopped)} ms\n`);
    return Math.min(shared, stopped);
  };

  test('shares its partitions and stops at once', async () => {
    expect(await both('downlink', downlink, () => true)).toBeLessThan(2_000);
  });

  test('with kafkajs does neither before its fetch is over, which takes five seconds', async () => {
    expect(await both('kafkajs', plain(), (reader) => reader.fetches() > 0)).toBeGreaterThan(4_000);
  });
});
