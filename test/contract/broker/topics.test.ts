import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConfigResourceTypes, ConfigSource } from 'kafkajs';
import { run } from '../../../src/cli/run.ts';
import { kafkaConfig } from '../../../src/kafka/connection.ts';
import { openTopics, type Applied, type DeclaredTopic, type Topics } from '../../../src/kafka/topics.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'the topics that a topology declares', ({ bootstrap }) => {
  const admin = quietKafka(bootstrap).admin();
  let topics: Topics;

  beforeAll(async () => {
    await admin.connect();
    topics = await openTopics(kafkaConfig({ brokers: bootstrap.split(',') }));
  });
  afterAll(() => Promise.all([admin.disconnect(), topics.close()]));

  const declare = (more: Partial<DeclaredTopic> = {}): DeclaredTopic => ({
    name: topicName('declared'),
    partitions: 2,
    config: { 'cleanup.policy': 'compact', 'segment.ms': '600000' },
    ...more,
  });
  const apply = async (...declared: DeclaredTopic[]): Promise<Applied[]> => {
    const heard: Applied[] = [];
    await topics.apply(await topics.plan(declared), (applied) => heard.push(applied));
    return heard;
  };
  const stateOf = async (topic: DeclaredTopic) => (await topics.plan([topic]))[0]?.state;
  const ownSettings = async (topic: string): Promise<Record<string, string>> => {
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }];
    const described = await admin.describeConfigs({ includeSynonyms: false, resources });
    const own =
      described.resources[0]?.configEntries.filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG) ??
      [];
    return Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]));
  };

  test('are planned as missing, created, and the same from then on', async () => {
    const [one, other] = [declare(), declare({ replication: 1 })];
    expect((await topics.plan([one, other])).map(({ state }) => state)).toEqual(['missing', 'missing']);
    expect(await admin.listTopics()).not.toContain(one.name);
    expect(await apply(one, other)).toEqual([
      { topic: one.name, did: 'created' },
      { topic: other.name, did: 'created' },
    ]);
    expect((await topics.plan([one, other])).map(({ state }) => state)).toEqual(['same', 'same']);
    expect(await apply(one, other)).toEqual([]);
    expect(await ownSettings(one.name)).toEqual(one.config);
  });

  test('of which one is refused are made all the same, each that is made is told, and the refusal names its topic', async () => {
    const [one, wrong, other] = [declare(), declare({ config: { 'cleanup.policy': 'nonsense' } }), declare()];
    const heard: Applied[] = [];
    const applying = topics.apply(await topics.plan([one, wrong, other]), (applied) => heard.push(applied));
    await expect(applying).rejects.toMatchObject({
      code: 'kafka-refused',
      detail: expect.stringContaining(wrong.name),
    });
    expect(heard.map(({ topic }) => topic)).toEqual([one.name, other.name]);
    expect((await topics.plan([one, wrong, other])).map(({ state }) => state)).toEqual(['same', 'missing', 'same']);
  });

  test('differ by a changed setting, which is applied, and what nobody declared stays', async () => {
    const topic = declare({ config: { 'retention.ms': '1000000', 'max.message.bytes': '2000' } });
    await apply(topic);
    const changed = { ...topic, config: { 'retention.ms': '2000000' } };
    const difference = { what: 'retention.ms', declared: '2000000', found: '1000000', by: 'apply' };
    expect(await stateOf(changed)).toEqual([difference]);
    expect(await apply(changed)).toEqual([
      { topic: topic.name, did: 'changed', what: 'retention.ms', from: '1000000', to: '2000000' },
    ]);
    expect(await stateOf(changed)).toBe('same');
    expect(await ownSettings(topic.name)).toEqual({ 'retention.ms': '2000000', 'max.message.bytes': '2000' });
  });

  test("are the same where the cluster's default is what is declared, however it is written", async () => {
    const topic = declare({ config: {} });
    await apply(topic);
    const config = { 'cleanup.policy': 'delete', 'retention.ms': '604800000', 'min.cleanable.dirty.ratio': '0.50' };
    expect(await stateOf({ ...topic, config })).toBe('same');
  });

  test('need a person for another number of partitions or copies, and are left as they are', async () => {
    const topic = declare();
    await apply(topic);
    const more = { ...topic, partitions: 3, replication: 2 };
    expect(await stateOf(more)).toEqual([
      { what: 'partitions', declared: '3', found: '2', by: 'a person', because: expect.stringContaining('state') },
      { what: 'replication', declared: '2', found: '1', by: 'a person', because: expect.any(String) },
    ]);
    expect(await stateOf({ ...topic, partitions: 1 })).toMatchObject([{ what: 'partitions', by: 'a person' }]);
    expect(await apply(more)).toEqual([]);
    expect(await stateOf(topic)).toBe('same');
  });

  test('need a person for a setting that this Kafka does not know', async () => {
    const topic = declare({ config: {} });
    await apply(topic);
    const state = await stateOf({ ...topic, config: { 'no.such.setting': '1' } });
    expect(state).toMatchObject([{ what: 'no.such.setting', by: 'a person' }]);
  });

  test('are refused in words with a code, and those before them are created and told of', async () => {
    const [good, bad] = [declare(), declare({ config: { 'cleanup.policy': 'sometimes' } })];
    const heard: Applied[] = [];
    const applied = topics.apply(await topics.plan([good, bad]), (one) => heard.push(one));
    await expect(applied).rejects.toMatchObject({ code: 'kafka-refused', detail: expect.stringContaining(bad.name) });
    expect(heard).toEqual([{ topic: good.name, did: 'created' }]);
  });

  test('a topic that came to be since the plan is not taken for our own', async () => {
    const topic = declare();
    const plan = await topics.plan([topic]);
    await apply(topic);
    await eventually('it is there', async () => (await admin.listTopics()).includes(topic.name));
    await expect(topics.apply(plan, () => undefined)).rejects.toMatchObject({ code: 'kafka-refused' });
  });

  test('a cluster that is away is unavailable', async () => {
    const config = kafkaConfig({ brokers: ['127.0.0.1:1'] });
    const opened = openTopics({ ...config, retry: { retries: 0 } });
    await expect(opened).rejects.toMatchObject({ code: 'kafka-unavailable' });
  });

  test('are planned and applied from the command line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'downlink-topics-'));
    const file = join(folder, 't.yaml');
    const prefix = `${topicName('cli').slice(0, 39)}.`;
    const text = (retention: string, partitions: number) => `topology: t
prefix: ${prefix}
partitions: ${partitions}
topics: { in: { schemas: [telemetry] }, out: { schemas: [samples], retentionMs: ${retention} }, bad: {} }
deadLetters: bad
stages: { ingest: { from: in, to: out } }
fleet: { each: { sensors: [s], model: m }, satellites: { A: { B: {} } } }
`;
    const downlink = async (verb: string) => {
      let [out, err] = ['', ''];
      const code = await run(['topics', verb, file], {
        out: (said) => (out += said),
        err: (said) => (err += said),
        env: { DOWNLINK_KAFKA: bootstrap },
        untilToldToStop: () => Promise.resolve(),
      });
      return { code, out: out.trimEnd().split('\n'), err };
    };
    try {
      writeFileSync(file, text('1000000', 1));
      expect(await downlink('plan')).toMatchObject({
        code: 1,
        out: expect.arrayContaining(['3 topics: 0 the same, 3 missing, 0 different']),
      });
      expect(await downlink('apply')).toEqual({
        code: 0,
        out: [
          ...['in', 'out', 'bad'].map((name) => `${prefix}${name}: created`),
          '3 topics: 3 the same, 0 missing, 0 different',
        ],
        err: '',
      });
      expect((await downlink('plan')).code).toBe(0);
      writeFileSync(file, text('2000000', 2));
      const { code, out } = await downlink('apply');
      expect(code).toBe(1);
      expect(out[0]).toBe(`${prefix}out: retention.ms changed from 1000000 to 2000000`);
      expect(out.at(-1)).toBe('3 topics: 0 the same, 0 missing, 3 different');
      expect(out.filter((line) => line.includes('a person:'))).toHaveLength(3);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
