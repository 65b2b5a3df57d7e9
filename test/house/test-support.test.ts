import { afterAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFolderLock } from '../support/folder-lock.ts';
import { programsNamedBy } from '../support/tests-to-run.ts';
import { ownerOf, topicName } from '../support/topic-name.ts';

const folder = mkdtempSync(join(tmpdir(), 'downlink-support-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a folder lock', () => {
  const lock = join(folder, 'lock');

  test('lets one in at a time, and is gone afterwards', async () => {
    let inside = 0;
    const work = async (): Promise<number> => {
      inside += 1;
      await new Promise(setImmediate);
      return inside--;
    };
    const seen = await Promise.all([1, 2, 3].map(() => withFolderLock(lock, 10_000, work)));
    expect(seen).toEqual([1, 1, 1]);
    expect(existsSync(lock)).toBe(false);
  });

  test('is taken over from a process that is dead, and not from one that lives', async () => {
    mkdirSync(lock);
    writeFileSync(join(lock, 'pid'), String(process.pid));
    await expect(withFolderLock(lock, 1, () => Promise.resolve())).rejects.toThrow(`process ${process.pid} has held`);
    const dead = spawnSync(process.execPath, ['--version']).pid;
    writeFileSync(join(lock, 'pid'), String(dead));
    expect(await withFolderLock(lock, 10_000, () => Promise.resolve('in'))).toBe('in');
  });
});

test('a topic name is used once and tells the file that made it', () => {
  const [one, other] = [topicName('stray'), topicName('stray')];
  expect(one).not.toBe(other);
  expect(ownerOf(one, ['contract/broker/x.test.ts', 'house/test-support.test.ts'])).toBe('house/test-support.test.ts');
  expect(ownerOf(one, ['contract/broker/x.test.ts'])).toBeUndefined();
});

test('only the programs that the chosen tests name are started', () => {
  const write = (name: string, program: string): void => {
    mkdirSync(join(folder, 'test', name), { recursive: true });
    writeFileSync(join(folder, 'test', name, 'x.test.ts'), `describeWith(\n  '${program}', 'x', () => {});`);
  };
  write('contract/broker', 'kafka');
  write('contract/registry', 'registry');
  write('drill', 'cluster');
  const testMatch = [join(folder, 'test/contract/**/*.test.ts')];
  const named = (...patterns: string[]) => [...programsNamedBy({ rootDir: folder, testMatch, patterns })].sort();
  expect(named()).toEqual(['kafka', 'registry']);
  expect(named('contract/registry')).toEqual(['registry']);
  expect(named('broker', 'drill')).toEqual(['cluster', 'kafka']);
});
