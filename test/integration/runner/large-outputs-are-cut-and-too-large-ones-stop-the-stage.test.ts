import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConfigResourceTypes } from 'kafkajs';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, settingsOf, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'what a stage writes', ({ bootstrap }) => {
  const events = declaredEvents();
  const prefix = topicName('large');
  const definitions = [copyStage()];
  const topology = topologyOf(smallText(prefix, 1), definitions);
  let log: SmallLog;
  beforeAll(async () => {
    await createTopics(topology, bootstrap);
    log = openSmallLog(bootstrap);
  });
  afterAll(() => log.close());

  const start = async () => {
    const failures: unknown[] = [];
    const settings = settingsOf(topology, bootstrap);
    const onFailure = (error: unknown) => failures.push(error);
    const running = await runTopology({ settings, definitions, emit: events.emit, onFailure });
    if (running === undefined) throw new Error('nothing runs');
    return { ...running, failures };
  };

  test('is cut to batches that the broker takes', async () => {
    for (let i = 0; i < 10; i++) await log.write(`${prefix}.in`, [[Buffer.alloc(500_000, i)]]);
    const running = await start();
    const values = () => log.records(`${prefix}.out`, 0).then((all) => all.map(({ value }) => value?.[0]));
    await eventually('all of it is out', async () => (await values()).length === 10);
    expect(await values()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await running.stop();
  });

  test('and a record that the broker will never take stops the stage, and commits nothing', async () => {
    events.declare('failed', 'not-committed');
    // More than the broker's 1,048,588 bytes with what a stage adds; it went in under a larger limit.
    const admin = quietKafka(bootstrap).admin();
    await admin.connect();
    const configEntries = [{ name: 'max.message.bytes', value: '3000000' }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: `${prefix}.in`, configEntries }],
    });
    await admin.disconnect();
    await eventually('the limit is in force', () =>
      log.write(`${prefix}.in`, [[Buffer.alloc(1_500_000)]]).then(
        () => true,
        () => false,
      ),
    );
    const running = await start();
    await eventually('it stops', () => running.failures.length === 1);
    expect(running.failures).toMatchObject([{ code: 'write-refused' }]);
    expect(await log.committed(`${prefix}.small.copy`, `${prefix}.in`, 1)).toEqual([10]);
    await running.stop();
  });
});
