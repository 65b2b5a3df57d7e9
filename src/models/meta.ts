import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refused, wordsOf } from './refused.ts';

/** What training wrote beside a checkpoint; whatever is wrong with it is told with the file's name. */
export function readMeta<Result>(folder: string, read: (meta: Readonly<Record<string, unknown>>) => Result): Result {
  const file = join(folder, 'meta.json');
  return about(file, () => read(objectOf('the file', JSON.parse(readFileSync(file, 'utf8')) as unknown)));
}

export function about<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (thrown) {
    throw refused(`${file}: ${wordsOf(thrown)}`, thrown);
  }
}

export function objectOf(path: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(`${path}: expected an object`);
  return value as Record<string, unknown>;
}

export function numberOf(path: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refused(`${path}: expected a number`);
  return value;
}
