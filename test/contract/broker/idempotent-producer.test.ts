import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { losesAnAnswer } from '../../support/lost-answer.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a record whose acknowledgement was lost on the way', ({ bootstrap }) => {
  const admin = quietKafka(bootstrap).admin();

  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());

  const timesWritten = async (idempotent: boolean): Promise<number> => {
    const topic = topicName('lost-answer');
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const { socketFactory, loseNext } = losesAnAnswer('Produce');
    const producer = quietKafka(bootstrap, { socketFactory }).producer({ idempotent, maxInFlightRequests: 1 });
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'first' }] });
    loseNext();
    await producer.send({ topic, messages: [{ value: 'second' }] });
    await producer.disconnect();
    return Number((await admin.fetchTopicOffsets(topic))[0]?.high) - 1;
  };

  test('is written once by an idempotent producer, which sends it again', async () => {
    expect(await timesWritten(true)).toBe(1);
  });

  test('is written twice by one that is not: the loss was real', async () => {
    expect(await timesWritten(false)).toBe(2);
  });
});
