import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, settingsOf, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a stage that takes longer over a batch than a session lasts', ({ bootstrap }) => {
  const events = declaredEvents();
  const prefix = topicName('slow');
  const turns = { begun: 0 };
  const first = () => delay(++turns.begun === 1 ? 12_000 : 0);
  const definitions = [copyStage({ first })];
  const topology = topologyOf(smallText(prefix, 1), definitions);
  let log: SmallLog;
  beforeAll(async () => {
    await createTopics(topology, bootstrap);
    log = openSmallLog(bootstrap);
  });
  afterAll(() => log.close());

  test('keeps its partition, fetches no further than its bound, and goes on', async () => {
    const large = Buffer.alloc(100_000);
    for (let i = 0; i < 60; i++) await log.write(`${prefix}.in`, [Array.from({ length: 5 }, () => large)]);
    const before = process.memoryUsage().arrayBuffers;
    const failures: unknown[] = [];
    const onFailure = (error: unknown) => failures.push(error);
    const settings = settingsOf(topology, bootstrap);
    const running = await runTopology({ settings, definitions, emit: events.emit, onFailure });
    await eventually('it is at work', () => turns.begun === 1);
    await delay(11_000);
    // 30 MB wait in the topic; what it holds is a batch and what is fetched ahead, in a few copies.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(12 << 20);
    expect(turns.begun).toBe(1);
    await eventually(
      'all is committed',
      async () => (await log.committed(`${prefix}.small.copy`, `${prefix}.in`, 1))[0] === 300,
      30_000,
    );
    expect([events.of('generation').length, events.of('lane-opened').length, failures]).toEqual([1, 1, []]);
    await running?.stop();
  }, 60_000);
});
