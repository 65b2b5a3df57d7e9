import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withFolderLock } from './folder-lock.ts';

const run = promisify(execFile);

/** Of PyPI: it makes requests out of an OpenAPI document, and holds the answers against it. */
export const schemathesisVersion = '4.32.5';

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'downlink');

/** The program in its virtual environment, filled once for all; fails where it cannot be had. */
export async function schemathesisProgram(): Promise<string> {
  const folder = join(cache, `schemathesis-${schemathesisVersion}`);
  const marker = join(folder, '.complete');
  const program = join(folder, 'bin', 'schemathesis');
  if (existsSync(marker)) return program;
  mkdirSync(cache, { recursive: true });
  await withFolderLock(join(cache, 'schemathesis-lock'), 300_000, async () => {
    if (existsSync(marker)) return;
    rmSync(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', '--disable-pip-version-check', '--quiet', 'install', '--only-binary', ':all:'];
    await run(join(folder, 'bin', 'python'), [...pip, `schemathesis==${schemathesisVersion}`], { timeout: 250_000 });
    writeFileSync(marker, '');
  });
  return program;
}
