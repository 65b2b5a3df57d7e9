import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../../support/describe-with.ts';
import { eventually } from '../../../support/eventually.ts';
import { quietKafka } from '../../../support/kafka-client.ts';
import { startProxy } from '../../../support/proxy.ts';
import { topicName } from '../../../support/topic-name.ts';
import { downlink, plain, prompt, type OpenReader } from './readers.ts';

const batches = 10;

describeWith('kafka', 'reading', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const [admin, producer] = [kafka.admin(), kafka.producer()];

  beforeAll(() => Promise.all([admin.connect(), producer.connect()]));
  afterAll(() => Promise.all([admin.disconnect(), producer.disconnect()]));

  /** How many commits go to the broker while a reader that nobody tells to commit reads batches one by one. */
  const commitsBy = async (open: OpenReader): Promise<number> => {
    const topic = topicName('commits');
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const proxy = await startProxy();
    const { socketFactory } = proxy;
    const reader = await open({ bootstrap, group: `${topic}-group`, topics: [topic], socketFactory });
    for (let read = 1; read <= batches; read++) {
      await producer.send({ topic, messages: [{ value: 'x' }] });
      await eventually(`batch ${read} is read`, () => reader.values().length === read);
    }
    await reader.close();
    const commits = proxy.delivered('OffsetCommit') + proxy.delivered('TxnOffsetCommit');
    await proxy.stop();
    return commits;
  };

  test('commits nothing by itself', async () => {
    expect(await commitsBy(downlink)).toBe(0);
  });

  test('with kafkajs commits after every batch, also when told to do it once a minute', async () => {
    const onceAMinute = plain({ consumer: prompt, run: { autoCommitInterval: 60_000 } });
    expect(await commitsBy(onceAMinute)).toBe(batches);
  });
});
