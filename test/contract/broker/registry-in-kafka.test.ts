import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readEnvironment } from '../../../src/config/environment.ts';
import { startRegistry } from '../../../src/embedded/registry/server.ts';
import { openCluster } from '../../../src/kafka/cluster.ts';
import { openFetcher } from '../../../src/kafka/reader/fetcher.ts';
import { openTopicSchemaLog } from '../../../src/kafka/schema-log.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { openSchemaLog } from '../../../src/pipeline/schema-log.ts';
import { restClient, type RestClient } from '../../embedded/registry/rest-client.ts';
import { everything, fillRegistry, record } from '../../embedded/registry/restart-cases.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

const main = join(import.meta.dirname, '../../../src/main.ts');

describeWith('kafka', 'a registry that keeps its schemas in Kafka', ({ bootstrap }) => {
  /** A registry on a topic of the test's own, in this process. */
  async function opened(topic: string) {
    const config = { brokers: bootstrap.split(','), clientId: 'registry-test' };
    const [cluster, fetcher] = [openCluster(config), openFetcher({ config })];
    const running = await startRegistry({ log: openTopicSchemaLog(cluster, fetcher, topic) }).catch(
      async (thrown: unknown) => {
        await Promise.all([cluster.close(), fetcher.close()]);
        throw thrown;
      },
    );
    const close = async () => {
      await running.close();
      await Promise.all([cluster.close(), fetcher.close()]);
    };
    return { ...restClient(running.url), close };
  }

  async function createdTopic(): Promise<string> {
    const topic = topicName('schemas');
    const admin = quietKafka(bootstrap).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await admin.disconnect();
    return topic;
  }

  /** A process of its own that can be killed. */
  async function started() {
    const child = spawn(process.execPath, ['--import', 'tsx', main, 'registry', '--port', '0'], {
      env: { ...process.env, DOWNLINK_KAFKA: bootstrap },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    expect(line).toMatch(/^schema registry on http:\S+, keeps its schemas in _schemas on /);
    const kill = async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    };
    return { registry: restClient(/http:[^\s,]+/.exec(line)?.[0] ?? ''), kill };
  }

  /** Registers one schema after the other until it fails, and says of each that was acknowledged its id. */
  async function registerOn(registry: RestClient, subject: string, ids: Map<string, number>): Promise<void> {
    for (let n = 0; ; n++) {
      const name = `${subject}-${n}`;
      const id = await registry.register(name, { type: 'fixed', name: 'F', size: ids.size + 1 }).catch(() => undefined);
      if (id === undefined) return;
      ids.set(name, id);
    }
  }

  test('makes its topic, and another has what the first wrote', async () => {
    const { environment } = readEnvironment({ DOWNLINK_KAFKA: bootstrap });
    if (environment?.kafka === undefined) throw new Error('there is no Kafka');
    const subject = topicName('in-kafka');
    const ids = new Set<number>();
    for (let start = 0; start < 3; start++) {
      const log = await openSchemaLog(environment.kafka);
      const running = await startRegistry({ log });
      const registry = restClient(running.url);
      ids.add(await registry.register(subject, record('a')));
      expect((await registry.get(`/subjects/${subject}/versions`)).json).toEqual([1]);
      await running.close();
      await log.close();
    }
    expect(ids.size).toBe(1);
  });

  test('keeps everything when it is started anew, and ids count on', async () => {
    const topic = await createdTopic();
    const first = await opened(topic);
    await fillRegistry(first);
    const before = await everything(first);
    await first.close();
    const second = await opened(topic);
    expect(await everything(second)).toEqual(before);
    expect(await second.register('new', record('n'))).toBe(7);
    await second.close();
  });

  test('has every registration that it acknowledged when it is killed, and gives no id twice', async () => {
    const prefix = topicName('killed');
    const ids = new Map<string, number>();
    for (let round = 0; round < 3; round++) {
      const { registry, kill } = await started();
      const before = ids.size;
      const registering = registerOn(registry, `${prefix}-${round}`, ids);
      while (ids.size < before + 20 + round) await new Promise(setImmediate);
      await kill();
      await registering;
    }
    const { registry, kill } = await started();
    for (const [subject, id] of ids) {
      expect((await registry.get(`/subjects/${subject}/versions/1`)).json).toMatchObject({ subject, version: 1, id });
    }
    expect(new Set(ids.values()).size).toBe(ids.size);
    const next = await registry.register(`${prefix}-next`, { type: 'fixed', name: 'F', size: 1_000 + ids.size });
    expect(next).toBeGreaterThan(Math.max(...ids.values()));
    // No id stands for two schemas, those included that nobody was told of.
    const all = (await registry.get('/schemas?deleted=true')).json as { id: number; schema: string }[];
    expect(new Set(all.map(({ id }) => id)).size).toBe(new Set(all.map(({ schema }) => schema)).size);
    await kill();
  }, 60_000);

  test('takes the topic over from one that still runs, which reads it before it changes anything again', async () => {
    const topic = await createdTopic();
    const first = await opened(topic);
    expect(await first.register('a', record('a'))).toBe(1);
    const second = await opened(topic);
    expect(await second.register('b', record('b'))).toBe(2);
    const refused = await first.post('/subjects/c/versions', { schema: JSON.stringify(record('c')) });
    const message = expect.stringContaining('another registry may have taken it over') as unknown;
    expect([refused.status, refused.json]).toEqual([500, { error_code: 50001, message }]);
    expect(await second.register('d', record('d'))).toBe(3);
    expect(await first.register('c', record('c'))).toBe(4);
    expect((await first.get('/subjects')).json).toEqual(['a', 'b', 'c', 'd']);
    await Promise.all([first, second].map(({ close }) => close()));
  });

  test('two that change one topic at once give no id to two schemas, and lose none', async () => {
    const topic = await createdTopic();
    const ids = new Map<string, number>();
    const registerAll = async (registry: RestClient, name: string): Promise<void> => {
      for (let n = 0; n < 10; n++) {
        const subject = `${name}-${n}`;
        const schema = { type: 'fixed', name, size: n + 1 };
        ids.set(subject, await eventually(subject, () => registry.register(subject, schema)));
      }
    };
    const registries = [await opened(topic), await opened(topic)] as const;
    await Promise.all(registries.map((registry, n) => registerAll(registry, `R${n}`)));
    expect(new Set(ids.values()).size).toBe(20);
    const third = await opened(topic);
    for (const [subject, id] of ids) {
      expect((await third.get(`/subjects/${subject}/versions`)).json).toEqual([1]);
      expect((await third.get(`/subjects/${subject}/versions/1`)).json).toMatchObject({ id });
    }
    await Promise.all([...registries, third].map(({ close }) => close()));
  });

  test.each([
    ['{', '{}', 'JSON'],
    [null, null, 'the key is no object'],
    ['{"keytype":"WHAT"}', null, 'unknown keytype "WHAT"'],
    ['{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}', '{"subject":"t"}', 'key and value differ'],
  ])('does not start on an entry that it cannot read, and names it: %s', async (key, value, says) => {
    const topic = await createdTopic();
    const config = { brokers: bootstrap.split(',') };
    const cluster = openCluster(config);
    const entry = { key: '{"keytype":"NOOP","magic":0}', value: null, timestamp: 1_700_000_000_000 };
    await openIdempotentWriter(cluster).write([{ topic, partition: 0, records: [entry, { ...entry, key, value }] }]);
    await cluster.close();
    const detail = expect.stringMatching(new RegExp(`^${topic} offset 1: .*${says}`)) as unknown;
    await expect(opened(topic)).rejects.toMatchObject({ code: 'data-unusable', detail });
  });
});
