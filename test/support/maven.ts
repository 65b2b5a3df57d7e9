import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withFolderLock } from './folder-lock.ts';

const run = promisify(execFile);

export interface Dependency {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
}

const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'downlink');

/** The folder with the jars of the dependencies and of all that they need. */
export function jarsOf(name: string, dependencies: readonly Dependency[]): Promise<string> {
  return fromMaven(name, async (folder) => {
    writeFileSync(join(folder, 'pom.xml'), pomOf(dependencies));
    await maven(folder, '3.6.1:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=.');
  });
}

/** The folder into which an archive (`group:artifact:version:type:classifier`) was unpacked. */
export function unpacked(name: string, artifact: string): Promise<string> {
  return fromMaven(name, (folder) =>
    // The old plugin on purpose: the newer ones read the parent pom as well, which not every repository serves.
    maven(folder, '2.8:unpack', `-Dartifact=${artifact}`, '-DoutputDirectory=.'),
  );
}

async function fromMaven(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  const marker = join(folder, '.complete');
  if (existsSync(marker)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  // One lock for all: two Maven processes must not write to the same local repository.
  await withFolderLock(join(cacheFolder(), 'maven-lock'), 300_000, async () => {
    if (existsSync(marker)) return;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    await fill(folder);
    writeFileSync(marker, '');
  });
  return folder;
}

async function maven(folder: string, goal: string, ...properties: string[]): Promise<void> {
  const plugin = `org.apache.maven.plugins:maven-dependency-plugin:${goal}`;
  try {
    await run('mvn', ['-B', '-ntp', plugin, ...properties], { cwd: folder, timeout: 300_000, maxBuffer: 2 ** 26 });
  } catch (error) {
    const { stdout = '', code, message } = error as Error & { stdout?: string; code?: unknown };
    const why = /^\[ERROR\] (Failed to .*?)(?: -> |$)/m.exec(stdout)?.[1];
    throw new Error(code === 'ENOENT' ? 'there is no mvn' : `Maven failed: ${why ?? message}`, { cause: error });
  }
}

function pomOf(dependencies: readonly Dependency[]): string {
  const listed = dependencies.map(
    ({ group, artifact, version }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  return `<project><modelVersion>4.0.0</modelVersion>
<groupId>downlink</groupId><artifactId>jars</artifactId><version>1</version>
<dependencies>${listed.join('\n')}</dependencies></project>
`;
}
