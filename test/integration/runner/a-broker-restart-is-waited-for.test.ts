import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openCountingStage, type CountingStage } from '../../support/counting-stage.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('cluster', 'a broker that dies and comes back', () => {
  const events = declaredEvents();
  let kafka: KafkaCluster;
  let stage: CountingStage;
  beforeAll(async () => {
    kafka = await startKafka({ brokers: 1 });
    stage = await openCountingStage(kafka.bootstrap, topicName('restart'));
  }, 120_000);
  afterAll(async () => {
    await stage.close();
    await kafka.stop();
  }, 60_000);

  test('is waited for, and every record comes out once', async () => {
    events.declare('retrying', 'not-committed');
    const running = stage.start(events.emit);
    await stage.write(10);
    await eventually('the first batch is committed', async () => (await stage.committed()) === 10n);
    await kafka.kill(1);
    await kafka.start(1);
    await stage.write(10);
    await eventually('the second as well', async () => (await stage.committed()) === 20n, 60_000);
    expect(await stage.outputs()).toEqual(stage.expected(20));
    expect(running.failures).toEqual([]);
    await running.stop();
  }, 180_000);
});
