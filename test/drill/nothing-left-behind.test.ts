import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describeWith } from '../support/describe-with.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/folder-lock.ts';

describeWith('cluster', 'a test run that is killed', () => {
  test('takes its brokers and their data with it', async () => {
    const support = join(import.meta.dirname, '../support/kafka.ts');
    const script = `
      const { startKafka } = await import(${JSON.stringify(support)});
      const cluster = await startKafka();
      console.log(JSON.stringify({ pid: cluster.pid(1), folder: cluster.folder }));
      setInterval(() => {}, 1_000);`;
    const run = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(run.stdout), 'line')) as [string];
    const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
    expect([isAlive(pid), existsSync(folder)]).toEqual([true, true]);

    run.kill('SIGKILL');
    await eventually('the broker is gone', () => !isAlive(pid));
    await eventually('its data are gone', () => !existsSync(folder));
  }, 60_000);
});
