import { expect } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { sep } from 'node:path';

let used = 0;

/** A topic name that no other test has, with a mark of the test's file by which a stray one tells its owner. */
export function topicName(label: string): string {
  const folders = (expect.getState().testPath ?? '').split(sep);
  return nameOf(folders.slice(folders.lastIndexOf('test') + 1).join('/'), label);
}

export function nameOf(testFile: string, label: string): string {
  used += 1;
  return `test-${markOf(testFile)}-${label}-${randomBytes(3).toString('hex')}${used}`;
}

/** Which of the files (as in `contract/broker/x.test.ts`) made the name. */
export function ownerOf(topic: string, testFiles: readonly string[]): string | undefined {
  return testFiles.find((file) => topic.startsWith(`test-${markOf(file)}-`));
}

function markOf(testFile: string): string {
  return createHash('sha256').update(testFile).digest('hex').slice(0, 8);
}
