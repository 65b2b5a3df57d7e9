import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { freePorts } from '../../support/free-port.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

const program = join(import.meta.dirname, '..', '..', 'support', 'topology-worker.ts');

describeWith('kafka', 'a process that is told to stop', ({ bootstrap }) => {
  const prefix = topicName('sign');
  let log: SmallLog;
  beforeAll(async () => {
    await createTopics(topologyOf(smallText(prefix, 4), [copyStage()]), bootstrap);
    log = openSmallLog(bootstrap);
    const many = Array.from({ length: 20_000 }, (_, i) => String(i));
    await log.write(`${prefix}.in`, [many, many, many, many]);
  });
  afterAll(() => log.close());

  const start = async (pauseMs: number) => {
    const [port] = await freePorts(1);
    const child = fork(program, [JSON.stringify({ bootstrap, prefix, partitions: 4, port, pauseMs })], {
      execArgv: ['--import', 'tsx'],
      silent: true,
    });
    const inTurn = once(child, 'message');
    let said = '';
    child.stderr?.on('data', (bytes) => (said += String(bytes)));
    const ready = async () => (await fetch(`http://127.0.0.1:${port ?? 0}/ready`)).status === 200;
    await eventually('it is ready', ready, 20_000);
    await inTurn;
    return {
      said: () => said,
      tell: (sign: NodeJS.Signals) => child.kill(sign),
      ended: once(child, 'exit').then(([code]) => code as number | null),
    };
  };

  test('by SIGTERM commits, says nothing and exits 0; told twice it exits at once', async () => {
    // Several turns, so that the second finds something to do.
    const first = await start(1_000);
    await eventually('something is out', async () => (await log.values(`${prefix}.out`, 4)).flat().length > 0);
    let began = performance.now();
    first.tell('SIGTERM');
    expect([await first.ended, first.said()]).toEqual([0, '']);
    const ms = performance.now() - began;
    const delivered = (await log.values(`${prefix}.out`, 4)).map(({ length }) => length);
    expect((await log.committed(`${prefix}.small.copy`, `${prefix}.in`, 4)).map((offset) => offset ?? 0)).toEqual(
      delivered,
    );

    // A turn that takes longer than anybody waits.
    const second = await start(60_000);
    second.tell('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    began = performance.now();
    second.tell('SIGTERM');
    expect(await second.ended).toBe(1);
    const atOnce = performance.now() - began;
    console.log(`ended in ${ms.toFixed(0)} ms, told twice in ${atOnce.toFixed(0)} ms`);
    expect([ms < 10_000, atOnce < 1_000]).toEqual([true, true]);
  }, 60_000);
});
