import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Names of files in it are on the disk: new ones, others' and those that are gone. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
