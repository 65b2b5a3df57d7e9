import { readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

export interface ChosenTests {
  readonly rootDir: string;
  /** The globs of the project (of several that run at once: of the first), each a folder with a tail of wildcards. */
  readonly testMatch: readonly string[];
  /** What the command line names; nothing means everything. */
  readonly patterns: readonly string[];
}

/**
 * The programs that the chosen tests name in `describeWith`. It is read from their text because a program must run
 * before any test file is loaded, and starting one that nobody asks for costs seconds and hundreds of megabytes.
 */
export function programsNamedBy({ rootDir, testMatch, patterns }: ChosenTests): Set<string> {
  const folders = testMatch.map((glob) => glob.slice(0, glob.indexOf('*')));
  const chosen = testFilesIn(join(rootDir, 'test')).filter((file) =>
    patterns.length > 0
      ? patterns.some((pattern) => new RegExp(pattern, 'i').test(file))
      : folders.some((folder) => file.startsWith(folder)),
  );
  const names = chosen.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/describeWith\(\s*'(\w+)'/g)].map(([, name]) => name ?? ''),
  );
  return new Set(names);
}

function testFilesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}${sep}${name}`);
}
