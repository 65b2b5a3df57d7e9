import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DownlinkError } from '../../errors.ts';

/** Those of this process: its own number in a file may also be that of one before it. */
const taken = new Set<string>();

interface Owner {
  readonly pid: number;
  /** When the process began, where that can be known: its number is given to others once it is dead. */
  readonly began: string;
  readonly who: string;
}

/** Takes a folder for this process; two writers would make nothing of a log. Answers how to give it back. */
export function lockFolder(folder: string, who = 'the broker'): () => void {
  const file = join(folder, 'lock');
  const owner = ownerIn(file);
  if (owner !== undefined && (owner.pid === process.pid ? taken.has(file) : isAlive(owner)))
    throw new DownlinkError(
      'config-invalid',
      `${folder} is in use by ${owner.who} of process ${owner.pid}; end that one, or name another folder`,
    );
  // Whoever had it died.
  rmSync(file, { force: true });
  // Of two that come at once only one can make it.
  writeFileSync(file, [process.pid, beganAt(process.pid), who].join('\n'), { flag: 'wx' });
  taken.add(file);
  return () => {
    taken.delete(file);
    rmSync(file, { force: true });
  };
}

/** What lost power while it was written is empty. */
function ownerIn(file: string): Owner | undefined {
  if (!existsSync(file)) return undefined;
  const [pid, began = '', who = 'the broker'] = readFileSync(file, 'utf8').split('\n');
  return Number(pid) > 0 ? { pid: Number(pid), began, who } : undefined;
}

function isAlive({ pid, began }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = beganAt(pid);
  return began === '' || now === '' || began === now;
}

/** In ticks since the machine began; empty where nobody tells. */
function beganAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The 22nd field; the second is a name, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
