import { fork } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { membersOf } from '../../../src/kafka/group/members.ts';
import { openLeaving } from '../../../src/pipeline/leaving.ts';
import { supervise } from '../../../src/pipeline/supervise.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

const program = join(import.meta.dirname, '..', '..', 'support', 'topology-worker.ts');
const sessionMs = 10_000;

describeWith('kafka', 'under a supervisor', ({ bootstrap }) => {
  const events = declaredEvents();
  const prefix = topicName('dead');
  const group = `${prefix}.small.copy`;
  let log: SmallLog;
  beforeAll(async () => {
    await createTopics(topologyOf(smallText(prefix, 4), [copyStage()]), bootstrap);
    log = openSmallLog(bootstrap);
  });
  afterAll(() => log.close());
  const sharesOf = async () => {
    const { state, members } = await membersOf(log.cluster, group);
    return state === 'Stable' ? members.map(({ partitions }) => partitions.length) : [];
  };

  test('the partitions of a worker that was killed move at once, and it comes back', async () => {
    events.declare('worker-died');
    const leaving = openLeaving({ brokers: bootstrap.split(',') }, [group]);
    const running = supervise({
      leave: (clientId) => leaving.leave(clientId),
      workers: 2,
      start: (worker) =>
        fork(program, [JSON.stringify({ bootstrap, prefix, partitions: 4, worker, port: 0 })], {
          execArgv: ['--import', 'tsx'],
        }),
      emit: events.emit,
      firstPauseMs: 3_000,
    });
    await eventually('each has half', async () => String(await sharesOf()) === '2,2', 20_000);
    const [first, second] = running.pids;
    const began = performance.now();
    process.kill(first ?? 0, 'SIGKILL');
    await log.write(`${prefix}.in`, [['a'], ['a'], ['a'], ['a']]);
    const out = async () => (await log.values(`${prefix}.out`, 4)).every(([value]) => value === 'a');
    await eventually('all of it is out', out, sessionMs);
    const ms = performance.now() - began;
    console.log(`taken over in ${ms.toFixed(0)} ms`);
    expect(ms).toBeLessThan(sessionMs / 2);
    expect(await sharesOf()).toEqual([4]);
    expect(events.of('worker-died')).toEqual([{ event: 'worker-died', worker: 0, how: 'SIGKILL', restartMs: 3_000 }]);

    await eventually('each has half again', async () => String(await sharesOf()) === '2,2', 20_000);
    expect(running.pids[1]).toBe(second);
    const told = performance.now();
    expect(await running.stop(10_000)).toBe(true);
    await leaving.close();
    console.log(`both ended in ${(performance.now() - told).toFixed(0)} ms`);
    expect((await membersOf(log.cluster, group)).members).toEqual([]);
  }, 60_000);
});
