import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from '../../src/embedded/broker/folder-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'downlink-lock-'));
const file = join(folder, 'lock');
beforeEach(() => rmSync(file, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

test('a folder in use is refused, by the name of who uses it, until it is given back', () => {
  const unlock = lockFolder(folder, 'downlink up');
  expect(() => lockFolder(folder)).toThrow(`${folder} is in use by downlink up of process ${process.pid}`);
  unlock();
  expect(existsSync(file)).toBe(false);
  lockFolder(folder)();
});

test('the lock of another process that lives is kept, also one that says nothing but its number', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  try {
    writeFileSync(file, String(other.pid));
    expect(() => lockFolder(folder)).toThrow(`in use by the broker of process ${other.pid}`);
  } finally {
    const over = new Promise((resolve) => other.on('exit', resolve));
    other.kill('SIGKILL');
    await over;
  }
  // Its owner is dead.
  lockFolder(folder)();
});

const hasProc = existsSync('/proc/self/stat');
(hasProc ? test : test.skip)('the lock of a dead process whose number has gone to another keeps nobody out', () => {
  const unlock = lockFolder(folder);
  const [, began, who] = readFileSync(file, 'utf8').split('\n');
  unlock();
  expect(Number(began)).toBeGreaterThan(0);
  // The parent lives, and it did not begin when the owner of this lock did.
  writeFileSync(file, [process.ppid, Number(began) + 1, who].join('\n'));
  const again = lockFolder(folder);
  expect(readFileSync(file, 'utf8')).toBe([process.pid, began, who].join('\n'));
  again();
});

test('a lock that lost power while it was written keeps nobody out', () => {
  writeFileSync(file, '');
  lockFolder(folder)();
});
