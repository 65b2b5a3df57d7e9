import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { startRegistry } from '../../src/embedded/registry/server.ts';
import { openSchemaLog } from '../../src/pipeline/schema-log.ts';
import { restClient } from '../embedded/registry/rest-client.ts';
import { describeWith } from '../support/describe-with.ts';
import { eventually } from '../support/eventually.ts';
import { startKafka, type KafkaCluster } from '../support/kafka.ts';

describeWith('cluster', 'a registry for which nobody has asked for long', () => {
  let kafka: KafkaCluster;
  beforeAll(async () => {
    // A week, unless told otherwise.
    const settings = {
      'transactional.id.expiration.ms': '1000',
      'transaction.remove.expired.transaction.cleanup.interval.ms': '200',
    };
    kafka = await startKafka({ settings });
  }, 120_000);
  afterAll(() => kafka.stop(), 60_000);

  test('goes on although Kafka has forgotten its transactional id', async () => {
    const log = await openSchemaLog({ brokers: [kafka.bootstrap], tls: undefined, sasl: undefined });
    const running = await startRegistry({ log });
    const registry = restClient(running.url);
    expect(await registry.register('before', 'int')).toBe(1);
    await delay(5_000);
    expect(await eventually('it takes changes again', () => registry.register('after', 'long'))).toBe(2);
    expect((await registry.get('/subjects')).json).toEqual(['after', 'before']);
    await running.close();
    await log.close();
  }, 60_000);
});
