import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { openScoredLog, scoresOf, type ScoredLog } from '../../support/scored-log.ts';
import { topicName } from '../../support/topic-name.ts';

const root = join(import.meta.dirname, '..', '..', '..');

describeWith('kafka', 'tail in a process of its own', ({ bootstrap }) => {
  let scored: ScoredLog;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    scored = await openScoredLog(bootstrap, topicName('tail-head'));
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await scored.close();
  });

  test('ends with code 0 and without a word when whoever reads has enough', async () => {
    await scored.score(0, scoresOf('A-1', 0, [0.1]));
    const program = ['--import', join(root, 'test', 'support', 'typescript.mjs'), join(root, 'src', 'main.ts')];
    const args = ['tail', '--topology', scored.file, '--from', 'earliest'];
    const running = spawn(process.execPath, [...program, ...args], {
      env: { ...process.env, ...scored.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = running;
    let said = '';
    running.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(running, 'exit');
    await once(running.stdout, 'data');
    running.stdout.destroy();
    await scored.score(0, scoresOf('A-1', 1, [0.1, 0.1, 0.1]));
    expect([await ended, said]).toEqual([[0, null], '']);
  });
});
