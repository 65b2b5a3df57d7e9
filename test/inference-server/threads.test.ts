import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loaders } from './served.ts';

test('a server that ends while it loads models takes nobody with it', async () => {
  const script = join(import.meta.dirname, 'pools-that-end.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [...loaders, script, '16']);
  expect(Number(stdout)).toBeGreaterThan(16);
});
