import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelConfig } from '../config/model-config.ts';

/** The names of the folders in a folder; none where it can't be read. */
export async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    // A link that leads nowhere is no model.
    const names = await Promise.all(
      entries.map(async (entry) => {
        const is =
          entry.isDirectory() ||
          (entry.isSymbolicLink() && (await stat(join(folder, entry.name)).catch(() => undefined))?.isDirectory());
        return is === true && !entry.name.startsWith('.') ? [entry.name] : [];
      }),
    );
    return names.flat().sort();
  } catch {
    return [];
  }
}

/** Version folders are whole numbers without a zero before them. */
const isVersion = (name: string): boolean => /^[1-9]\d*$/.test(name) && Number.isSafeInteger(Number(name));

export const versionsIn = async (folder: string): Promise<readonly number[]> => versionsAmong(await foldersIn(folder));

export const versionsAmong = (names: readonly string[]): readonly number[] =>
  [...new Set(names.filter(isVersion).map(Number))].sort((a, b) => a - b);

/** Which of the versions that are there are served. */
export function served({ version_policy: policy = {} }: ModelConfig, there: readonly number[]): readonly number[] {
  if (policy.specific !== undefined) {
    const wanted = new Set((policy.specific.versions ?? []).map(Number));
    return there.filter((version) => wanted.has(version));
  }
  if (policy.all !== undefined) return there;
  const count = policy.latest?.num_versions ?? 1;
  return there.slice(Math.max(0, there.length - Math.max(1, count)));
}

export async function configText(folder: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, 'config.pbtxt'), 'utf8');
  } catch {
    return undefined;
  }
}

/** Changes when a file in the folder does. */
export async function stampOf(folder: string): Promise<string> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const stamps = await Promise.all(
      entries
        .filter((entry) => !entry.isDirectory())
        .map(async (entry) => {
          const path = join(entry.parentPath, entry.name);
          const { size, mtimeMs, ino } = await stat(path);
          return `${path}:${size}:${mtimeMs}:${ino}`;
        }),
    );
    return stamps.sort().join('\n');
  } catch {
    return '';
  }
}
