import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { alterConfigs } from '../../src/embedded/broker/apis/33-alter-configs.ts';
import { asAny } from '../../src/embedded/broker/apis/api.ts';
import { describeConfigs } from '../../src/embedded/broker/apis/32-describe-configs.ts';
import { incrementalAlterConfigs } from '../../src/embedded/broker/apis/44-incremental-alter-configs.ts';
import type { DescribedConfig } from '../../src/embedded/broker/topics/configs.ts';
import { answerOf, ask } from './kafkajs-wire.ts';
import { someTopics } from './some-topics.ts';

const { broker, remove } = someTopics({ defaultPartitions: 6 });
afterAll(remove);

const [ofTopic, ofBroker] = [2, 4];
let name = '';
let names = 0;
beforeEach(() => {
  name = `t${names++}`;
  broker.topics.create(name, 1, { 'retention.ms': '5' });
});
const configs = () => broker.topics.find(name)?.configs;

const described = async (type: number, of: string, only: readonly string[] | null = null) => {
  const answer = await answerOf(broker, asAny(describeConfigs), 4, {
    resources: [{ type, name: of, names: only }],
    synonyms: false,
  });
  return (answer as { resources: { error: number; configs: DescribedConfig[] }[] }).resources[0];
};

test('all configs of a topic are told, and whether they were set', async () => {
  const all = await described(ofTopic, name);
  expect(all?.error).toBe(0);
  expect(all?.configs).toContainEqual({ name: 'retention.ms', value: '5', source: 1, type: 5 });
  expect(all?.configs).toContainEqual({ name: 'cleanup.policy', value: 'delete', source: 5, type: 7 });
  expect((await described(ofTopic, name, ['retention.ms']))?.configs.map((one) => one.name)).toEqual(['retention.ms']);
  // As Kafka has it.
  expect((await described(ofTopic, name, []))?.configs).toEqual(all?.configs);
});

test("the broker's settings are told under Kafka's names", async () => {
  const all = new Map((await described(ofBroker, '1'))?.configs.map((one) => [one.name, one.value]));
  expect(all.get('num.partitions')).toBe('6');
  expect(all.get('auto.create.topics.enable')).toBe('true');
  expect(all.get('log.dirs')).toBe(broker.settings.folder);
  expect(all.get('message.max.bytes')).toBe('1048588');
  expect(all.get('log.roll.ms')).toBe('604800000');
});

test('a topic or broker that is not there, and what has no configs, are refused', async () => {
  expect((await described(ofTopic, 'nowhere'))?.error).toBe(3);
  expect((await described(ofTopic, 'no name'))?.error).toBe(17);
  expect((await described(ofBroker, '2'))?.error).toBe(42);
  expect((await described(99, 'x'))?.error).toBe(42);
});

test('kafkajs reads them, with what would hold without', async () => {
  const answer = await ask(broker, 'DescribeConfigs', 2, {
    resources: [{ type: ofTopic, name, configNames: ['retention.ms'] }],
    includeSynonyms: true,
  });
  const configSynonyms = [
    { configName: 'retention.ms', configValue: '5', configSource: 1 },
    { configName: 'log.retention.ms', configValue: '604800000', configSource: 5 },
  ];
  expect(answer).toMatchObject({
    resources: [{ errorCode: 0, configEntries: [{ configName: 'retention.ms', configValue: '5', configSynonyms }] }],
  });
});

const altered = async (wanted: readonly { name: string; value: string | null }[], of = { type: ofTopic, name }) =>
  answerOf(broker, asAny(alterConfigs), 2, { resources: [{ ...of, configs: wanted }], validateOnly: false });

test('altering puts new configs in the place of all there were', async () => {
  expect(await altered([{ name: 'segment.bytes', value: '1000' }])).toMatchObject([{ error: 0, message: null }]);
  expect(configs()).toEqual({ 'segment.bytes': '1000' });
});

test('altering is refused as a whole, and changes nothing then', async () => {
  const right = { name: 'segment.bytes', value: '1000' };
  expect(await altered([right, { name: 'retention.ms', value: 'soon' }])).toMatchObject([{ error: 40 }]);
  expect(await altered([right, { name: 'no.such.config', value: '1' }])).toMatchObject([{ error: 40 }]);
  expect(await altered([right, { name: 'retention.ms', value: null }])).toMatchObject([{ error: 42 }]);
  expect(await altered([right, right])).toMatchObject([{ error: 42 }]);
  expect(await altered([right], { type: ofTopic, name: 'nowhere' })).toMatchObject([{ error: 3 }]);
  expect(await altered([right], { type: ofBroker, name: '1' })).toMatchObject([{ error: 42 }]);
  expect(configs()).toEqual({ 'retention.ms': '5' });
});

test('altering for a look alters nothing', async () => {
  const resources = [{ type: ofTopic, name, configEntries: [{ name: 'segment.bytes', value: '1000' }] }];
  const answer = await ask(broker, 'AlterConfigs', 1, { resources, validateOnly: true });
  expect(answer).toMatchObject({ resources: [{ errorCode: 0, resourceName: name }] });
  expect(configs()).toEqual({ 'retention.ms': '5' });
});

const changed = async (config: string, operation: number, value: string | null) => {
  const answer = await answerOf(broker, asAny(incrementalAlterConfigs), 1, {
    resources: [{ type: ofTopic, name, configs: [{ name: config, operation, value }] }],
    validateOnly: false,
  });
  return (answer as { error: number }[])[0]?.error;
};
const [set, drop, append, subtract] = [0, 1, 2, 3];

test('a change of one config leaves the others as they are', async () => {
  expect(await changed('segment.bytes', set, '1000')).toBe(0);
  expect(configs()).toEqual({ 'retention.ms': '5', 'segment.bytes': '1000' });
  expect(await changed('retention.ms', drop, null)).toBe(0);
  expect(configs()).toEqual({ 'segment.bytes': '1000' });
});

test('lists can be added to, from the default on, and taken from', async () => {
  expect(await changed('cleanup.policy', append, 'compact')).toBe(0);
  expect(configs()).toMatchObject({ 'cleanup.policy': 'delete,compact' });
  // What is in it is not added again.
  expect(await changed('cleanup.policy', append, 'compact')).toBe(0);
  expect(await changed('cleanup.policy', subtract, 'delete')).toBe(0);
  expect(configs()).toMatchObject({ 'cleanup.policy': 'compact' });
});

test('a change that makes no sense is refused', async () => {
  expect(await changed('retention.ms', append, '1')).toBe(40);
  expect(await changed('no.such.config', append, '1')).toBe(40);
  expect(await changed('cleanup.policy', append, 'sometimes')).toBe(40);
  expect(await changed('retention.ms', set, null)).toBe(42);
  expect(await changed('cleanup.policy', 4, 'compact')).toBe(42);
  expect(configs()).toEqual({ 'retention.ms': '5' });
});
