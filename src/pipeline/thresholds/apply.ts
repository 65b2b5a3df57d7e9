import {
  appendFileSync,
  chmodSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DownlinkError } from '../../errors.ts';
import type { Line } from '../../telemetry/line.ts';
import type { ChangedTopology } from './changed-topology.ts';

/**
 * What was set, by whom and when: a line as those of the log. It is kept beside the topology file, in the place from which
 * stages are configured, so that it goes with it into version control and to whoever deploys it. A topic would be another
 * thing to set up before a number in a file can be changed, and the file may be for no cluster that is reached from here.
 */
export const changesFileOf = (file: string): string =>
  join(dirname(file), `${basename(file).replace(/\.ya?ml$/, '')}.changes.jsonl`);

export interface Applied {
  readonly event: Line;
  /** Where it is kept. */
  readonly kept: string;
}

/** Replaces the file at once and as a whole: a stage that starts meanwhile reads the one or the other. */
export function applyChange(
  before: string,
  { topology: { file, name }, text, changes }: ChangedTopology,
  now = new Date(),
): Applied {
  // The line is kept beside the file itself, not beside a link to it.
  const real = realpathSync(file);
  if (readFileSync(real, 'utf8') !== before)
    throw new DownlinkError('config-invalid', `${file} was changed meanwhile; look at it, and do it again`);
  const said: Line = { level: 'info', event: 'settings-changed', topology: name, by: byWhom(), changes };
  const event = { time: now.toISOString(), ...said };
  const [next, kept] = [`${real}.next`, changesFileOf(real)];
  try {
    writeFileSync(next, text, { flag: 'wx', flush: true });
  } catch (thrown) {
    throw unwritable(file, thrown, next);
  }
  try {
    chmodSync(next, statSync(real).mode);
    // First: no change without its line.
    appendFileSync(kept, `${JSON.stringify(event)}\n`, { flush: true });
    renameSync(next, real);
  } catch (thrown) {
    rmSync(next, { force: true });
    throw unwritable(file, thrown, next);
  }
  return { event, kept };
}

function unwritable(file: string, thrown: unknown, next: string): DownlinkError {
  const why = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
  const remedy = why === 'EEXIST' ? `remove ${next} if nobody else is changing it` : 'make its folder writable';
  return new DownlinkError('config-invalid', `${file} cannot be changed (${why}); ${remedy}`);
}

function byWhom(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // In a container the user may have a number and no name.
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
