import { describe, expect, test } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { blockIn } from '../../readme/readme.ts';
import { startJobs } from '../../support/jobs-system.ts';

const run = promisify(execFile);
const missing = ['curl', 'jq'].filter((program) => spawnSync(program, ['--version']).error !== undefined);

const inShell = (): void => {
  test('is forecast, five steps far', async () => {
    const system = await startJobs();
    try {
      // What its first line starts runs already, on a port that was free.
      const [, ...lines] = blockIn('sh', 'api/v1/inference/submit').split('\n');
      const text = lines.join('\n').replaceAll('http://127.0.0.1:8080', system.api);
      const { stdout } = await run('sh', ['-euc', text], { timeout: 30_000 });
      const predictions = JSON.parse(stdout) as number[];
      expect(predictions).toHaveLength(5);
      expect(predictions.every((number) => number > 4 && number < 8)).toBe(true);
    } finally {
      await system.close();
    }
  }, 90_000);
};

if (missing.length === 0) describe('the job of the README', inShell);
else describe.skip(`a shell with all that it needs, skipped: no ${missing.join(', ')}`, inShell);
