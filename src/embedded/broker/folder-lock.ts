import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DownlinkError } from '../../errors.ts';

/** Those of this process: its own number in a file may also be that of one before it. */
const taken = new Set<string>();

/** Takes a folder for this process; two writers would make nothing of a log. Answers how to give it back. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock');
  const owner = ownerOf(file);
  // What lost power while it was written is empty.
  if (owner !== undefined && owner > 0 && (owner === process.pid ? taken.has(file) : isAlive(owner)))
    throw new DownlinkError(
      'config-invalid',
      `${folder} is in use by the broker of process ${owner}; end that one, or name another folder`,
    );
  // Whoever had it died.
  rmSync(file, { force: true });
  // Of two that come at once only one can make it.
  writeFileSync(file, String(process.pid), { flag: 'wx' });
  taken.add(file);
  return () => {
    taken.delete(file);
    rmSync(file, { force: true });
  };
}

function ownerOf(file: string): number | undefined {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
