import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../../support/describe-with.ts';
import { eventually } from '../../../support/eventually.ts';
import { quietKafka } from '../../../support/kafka-client.ts';
import { topicName } from '../../../support/topic-name.ts';
import { downlink, plain, prompt, type OpenReader, type Reader } from './readers.ts';

describeWith('kafka', 'a reader whose handler fails', ({ bootstrap }) => {
  const kafka = quietKafka(bootstrap);
  const [admin, producer] = [kafka.admin(), kafka.producer()];

  beforeAll(() => Promise.all([admin.connect(), producer.connect()]));
  afterAll(() => Promise.all([admin.disconnect(), producer.disconnect()]));

  const failure = new TypeError("Cannot read properties of undefined (reading 'x')");
  const failOn = async <R extends Reader>(open: OpenReader<R>, thrown: Error = failure) => {
    const topic = topicName('failing');
    const group = `${topic}-group`;
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await producer.send({ topic, messages: [{ value: 'odd' }, { value: 'even' }] });
    const handle = (value: string): void => {
      if (value === 'odd') throw thrown;
    };
    const reader = await open({ bootstrap, group, topics: [topic], handle });
    const members = async (): Promise<number> => (await admin.describeGroups([group])).groups[0]?.members.length ?? 0;
    return { reader, members };
  };

  test('tells whoever runs it', async () => {
    const { reader } = await failOn(downlink);
    await eventually('it is told', () => reader.told().length > 0);
    expect(reader.told()).toEqual([failure]);
    await reader.close();
  });

  test('with kafkajs has left the group for good after a TypeError, with nobody told', async () => {
    const { reader, members } = await failOn(plain({ consumer: prompt }));
    await eventually('it has left', async () => reader.values().length > 0 && (await members()) === 0);
    // Nor is there a rejection that nobody handles: it would fail the test.
    expect([reader.values(), reader.told()]).toEqual([['odd'], []]);
    await eventually('its event', () => reader.crash());
    expect(reader.crash()).toEqual({ error: failure.message, restart: false });
    await reader.close();
  });

  test('with kafkajs is called again where it fails with any other error', async () => {
    const { reader } = await failOn(plain({ consumer: prompt }), new Error(failure.message));
    await eventually('it is called again', () => reader.values().length > 1);
    expect(reader.values().slice(0, 2)).toEqual(['odd', 'odd']);
    await reader.close();
  });
});
