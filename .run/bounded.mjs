// Runs a command that starts others, and is sure to come back: nothing that it started outlives it, and it ends in time.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** They may need a moment to notice that who started them is gone. */
const graceMs = 5_000;

/** The names of all processes of a group; none where there is no /proc. */
function membersOf(group) {
  const names = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, , ofGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(ofGroup) !== group || state === 'Z') continue;
      names.push(`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 160)}`);
    } catch {
      // It has ended meanwhile.
    }
  }
  return names;
}

/** A process, or with a minus all of a group. */
function end(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // There is nobody left.
  }
}

/** Those that are still there after a while in which guards do their work: some of what they guard is in groups of its own. */
async function leftIn(group) {
  let left = [];
  if (process.platform !== 'linux') return left;
  const until = performance.now() + graceMs;
  while ((left = membersOf(group)).length > 0 && performance.now() < until) await delay(50);
  return left;
}

/**
 * How it ended: `ok`, `failed`, `late` (not within so many minutes), `open` (it was done, as `isDone` says, but did not end: something is
 * still open in it), and the processes that it left behind.
 */
export async function runBounded(command, args, { minutes = Infinity, isDone, endWithinMs = 60_000, ...options }) {
  // A group of its own, whose members can be found and ended whoever their parents were.
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const stop = async () => {
    end(child.pid);
    await leftIn(child.pid);
    end(-child.pid);
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const began = performance.now();
  let doneAt = Infinity;
  let cut;
  const watch = setInterval(() => {
    const now = performance.now();
    if (doneAt === Infinity && isDone()) doneAt = now;
    if (now - began > minutes * 60_000) cut = 'late';
    if (now - doneAt > endWithinMs) cut = 'open';
    if (cut !== undefined) end(child.pid);
  }, 1_000);
  const ok = await new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
  clearInterval(watch);
  const left = await leftIn(child.pid);
  end(-child.pid);
  process.off('SIGINT', stop).off('SIGTERM', stop);
  return { ended: cut ?? (ok ? 'ok' : 'failed'), left: cut === undefined ? left : [] };
}
