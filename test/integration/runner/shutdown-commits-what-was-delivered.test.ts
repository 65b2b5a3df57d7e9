import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { membersOf } from '../../../src/kafka/group/members.ts';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { defaultLimits } from '../../../src/runner/run-stage.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, settingsOf, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a shutdown', ({ bootstrap }) => {
  const events = declaredEvents();
  const prefix = topicName('shut');
  const definitions = [copyStage({ first: () => delay(20) })];
  const topology = topologyOf(smallText(prefix, 4), definitions);
  const values = [0, 1, 2, 3].map((partition) => Array.from({ length: 500 }, (_, i) => `${partition}-${i}`));
  let log: SmallLog;
  beforeAll(async () => {
    await createTopics(topology, bootstrap);
    log = openSmallLog(bootstrap);
    await log.write(`${prefix}.in`, values);
  });
  afterAll(() => log.close());

  const start = async () => {
    const failures: unknown[] = [];
    const limits = { ...defaultLimits, maxRecords: 10 };
    const onFailure = (error: unknown) => failures.push(error);
    const settings = settingsOf(topology, bootstrap);
    const running = await runTopology({ settings, definitions, limits, emit: events.emit, onFailure });
    if (running === undefined) throw new Error('nothing runs');
    return { ...running, failures };
  };

  test('in the middle of the work leaves nothing delivered uncommitted, nothing committed undelivered, and nobody in the group', async () => {
    const group = `${prefix}.small.copy`;
    const first = await start();
    await eventually('something is committed', () => events.of('committed').length > 3);
    const began = performance.now();
    await first.stop();
    const ms = performance.now() - began;
    console.log(`stopped in ${ms.toFixed(0)} ms`);
    expect([ms < 10_000, first.failures]).toEqual([true, []]);
    expect(await membersOf(log.cluster, group)).toEqual({ state: 'Empty', members: [] });
    const delivered = (await log.values(`${prefix}.out`, 4)).map(({ length }) => length);
    expect(await log.committed(group, `${prefix}.in`, 4)).toEqual(delivered);
    expect(Math.max(...delivered)).toBeLessThan(500);

    const second = await start();
    const all = async () => (await log.values(`${prefix}.out`, 4)).flat().length === 2_000;
    await eventually('the rest is delivered', all, 20_000);
    await second.stop();
    expect(await log.values(`${prefix}.out`, 4)).toEqual(values);
  });
});
