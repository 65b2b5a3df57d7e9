import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export type Kept = { readonly folder: string } | { readonly missing: string };

const cache = join(homedir(), '.cache', 'downlink');

/** Python's packages, in an environment of their own. */
export const keptPython = (requirement: string): Kept =>
  kept(`python-${requirement.replaceAll(/[^\w.]+/g, '-')}`, (folder) => {
    run('python3', ['-m', 'venv', folder]);
    run(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--disable-pip-version-check', requirement]);
  });

/** A jar of Maven Central. */
export const keptJar = (group: string, artifact: string, version: string): Kept =>
  kept(`${artifact}-${version}`, (folder) => {
    // A repository of its own: another test's Maven may be at work in the user's.
    const repository = join(folder, 'repository');
    const what = [`-Dartifact=${group}:${artifact}:${version}`, `-DoutputDirectory=${folder}`, '-Dtransitive=false'];
    run('mvn', ['-B', '-ntp', `-Dmaven.repo.local=${repository}`, 'dependency:copy', ...what]);
    rmSync(repository, { recursive: true });
  });

/** Filled once for all; why it could not be, otherwise. At once, as tests are registered by it. */
function kept(name: string, fill: (folder: string) => void): Kept {
  const folder = join(cache, name);
  if (existsSync(folder)) return { folder };
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, 'making-'));
  try {
    fill(made);
    renameSync(made, folder);
    return { folder };
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    const { stdout = '', stderr = '', message } = error as Error & Partial<Record<'stdout' | 'stderr', string>>;
    const why = /^(?:\[ERROR\]|ERROR:) .*$/m.exec(`${stderr}\n${stdout}`)?.[0] ?? message;
    return { missing: `no ${name}: ${why}` };
  }
}

const run = (file: string, args: readonly string[]): string =>
  execFileSync(file, args, {
    timeout: 150_000,
    maxBuffer: 2 ** 26,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
