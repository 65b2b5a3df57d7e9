import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { openReadiness } from '../../../src/telemetry/readiness.ts';
import { emitTo } from '../../../src/telemetry/events.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, settingsOf, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a second instance', ({ bootstrap }) => {
  const [one, two] = [declaredEvents(), declaredEvents()];
  const prefix = topicName('half');
  const definitions = [copyStage()];
  const topology = topologyOf(smallText(prefix, 4), definitions);
  let log: SmallLog;
  beforeAll(async () => {
    await createTopics(topology, bootstrap);
    log = openSmallLog(bootstrap);
  });
  afterAll(() => log.close());

  const start = async ({ emit }: { emit: typeof one.emit }) => {
    const readiness = openReadiness(['copy']);
    const failures: unknown[] = [];
    const running = await runTopology({
      settings: settingsOf(topology, bootstrap),
      definitions,
      emit: emitTo(emit, readiness.listen),
      onFailure: (error) => failures.push(error),
    });
    if (running === undefined) throw new Error('nothing runs');
    return { ...running, failures, isReady: () => readiness.reasons().length === 0 };
  };
  const has = (events: typeof one) => events.of('generation').at(-1)?.partitions.length;
  const writeEverywhere = (value: string) => log.write(`${prefix}.in`, [[value], [value], [value], [value]]);
  const isOut = (value: string) => async () =>
    (await log.values(`${prefix}.out`, 4)).every((values) => values.filter((one) => one === value).length === 1);

  test('takes half of the partitions, and gives them back when it leaves', async () => {
    const first = await start(one);
    expect(first.isReady()).toBe(false);
    await eventually('the first has all and is ready', () => has(one) === 4 && first.isReady());
    await writeEverywhere('a');
    await eventually('all of it is out', isOut('a'));
    const began = performance.now();
    const second = await start(two);
    await eventually('each has half and is ready', () => {
      return has(one) === 2 && has(two) === 2 && first.isReady() && second.isReady();
    });
    console.log(`shared in ${(performance.now() - began).toFixed(0)} ms`);
    await writeEverywhere('b');
    await eventually('all of it is out, each once', isOut('b'));
    expect(two.of('turn')).not.toEqual([]);
    await second.stop();
    await eventually('the first has all again', () => has(one) === 4 && first.isReady());
    await writeEverywhere('c');
    await eventually('all of it is out, each once', isOut('c'));
    await first.stop();
    expect(await log.values(`${prefix}.out`, 4)).toEqual(Array(4).fill(['a', 'b', 'c']));
    expect([first.failures, second.failures]).toEqual([[], []]);
  });
});
