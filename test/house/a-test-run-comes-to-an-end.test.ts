import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/folder-lock.ts';

const run = promisify(execFile);
const bounded = join(import.meta.dirname, '..', '..', '.run', 'bounded.mjs');

/** What `npm test` finds out about a command whose program this is. */
async function ran(program: string, bounds: { minutes?: number; doneAtOnce?: boolean } = {}) {
  const { minutes = 1, doneAtOnce = false } = bounds;
  const script = `
    import { runBounded } from ${JSON.stringify(bounded)};
    const options = { minutes: ${minutes}, endWithinMs: 500, isDone: () => ${doneAtOnce} };
    const said = await runBounded(process.execPath, ['-e', ${JSON.stringify(program)}], options);
    console.log(JSON.stringify(said));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
  const [printed = '', said = ''] = stdout.trim().split('\n').slice(-2);
  return { printed, ...(JSON.parse(said || printed) as { ended: string; left: string[] }) };
}

describe('a test run', () => {
  test.each([
    ['ok', ''],
    ['failed', 'process.exit(3)'],
    ['failed', 'process.abort()'],
  ])('that ends is %s', async (ended, program) => {
    expect(await ran(program)).toMatchObject({ ended, left: [] });
  });

  test('that goes round in circles is ended', async () => {
    expect(await ran('for (;;);', { minutes: 0.01 })).toMatchObject({ ended: 'late', left: [] });
  });

  test('that is done and does not end has something open', async () => {
    expect(await ran('setInterval(() => {}, 1_000)', { doneAtOnce: true })).toMatchObject({ ended: 'open', left: [] });
  });

  test('that leaves a process behind is told of it, and the process is ended', async () => {
    const sleeper = `require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit' })`;
    const { printed, left } = await ran(`const child = ${sleeper}; child.unref(); console.log(child.pid);`);
    expect(left).toEqual([`${printed} sleep 1000 `]);
    await eventually('it is gone', () => !isAlive(Number(printed)));
  }, 20_000);
});
