import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConfigResourceTypes } from 'kafkajs';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', "a topic's settings", ({ bootstrap }) => {
  const admin = quietKafka(bootstrap).admin();
  const topic = topicName('settings');

  beforeAll(async () => {
    await admin.connect();
    const configEntries = [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'retention.ms', value: '123456789' },
    ];
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }] });
  });
  afterAll(() => admin.disconnect());

  const settings = async (configNames?: string[]): Promise<Map<string, { value: string; isDefault: boolean }>> => {
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [configNames ? { ...resource, configNames } : resource],
    });
    const entries = resources[0]?.configEntries ?? [];
    return new Map(
      entries.map(({ configName, configValue, isDefault }) => [configName, { value: configValue, isDefault }]),
    );
  };

  test('are those it was created with, and marked as not the default', async () => {
    const all = await settings();
    expect(all.get('cleanup.policy')).toEqual({ value: 'compact', isDefault: false });
    expect(all.get('retention.ms')).toEqual({ value: '123456789', isDefault: false });
    expect(all.get('max.message.bytes')?.isDefault).toBe(true);
  });

  test('are told one by one to whom asks for one', async () => {
    expect([...(await settings(['retention.ms'])).keys()]).toEqual(['retention.ms']);
  });

  test('change when they are altered', async () => {
    const configEntries = [{ name: 'retention.ms', value: '1000000' }];
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
    await admin.alterConfigs({ validateOnly: false, resources });
    // The controller's answer may come before a broker has heard of it.
    await eventually('it has the new value', async () => (await settings()).get('retention.ms')?.value === '1000000');
  });

  test('are refused with the topic when one of them is unknown or no such value: INVALID_CONFIG', async () => {
    for (const entry of [
      { name: 'no.such.setting', value: '1' },
      { name: 'cleanup.policy', value: 'sometimes' },
    ]) {
      const other = topicName('refused');
      const refused = admin.createTopics({ topics: [{ topic: other, configEntries: [entry] }] });
      await expect(refused).rejects.toMatchObject({ errors: [{ type: 'INVALID_CONFIG' }] });
      expect(await admin.listTopics()).not.toContain(other);
    }
  });
});
