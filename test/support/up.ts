import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './folder-lock.ts';

const root = join(import.meta.dirname, '..', '..');
const launcher = join(root, '.run', 'downlink.mjs');

export interface Up {
  readonly pid: number;
  /** The processes that it runs. */
  children(): readonly number[];
  /** All that it has printed, a line each with its time. */
  readonly lines: readonly string[];
  /** Resolves with the first line that fits, also if it has come already; rejects when it ends without. */
  said(what: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  /** ^C; answers its exit code. */
  stop(): Promise<number | null>;
  /** kill -9 of it and of all that it runs, at once. */
  killAll(): Promise<void>;
}

/** What is out of date is built before anybody waits for a first score. */
export const build = (): void => void execFileSync(process.execPath, [launcher, '--version'], { stdio: 'ignore' });

/** `downlink up` as users start it, with a line for each thing that happens. */
export function startUp(folder: string, ...args: readonly string[]): Up {
  const child = spawn(process.execPath, [launcher, 'up', '--folder', folder, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const pid = child.pid ?? 0;
  const lines: string[] = [];
  let rest = '';
  for (const pipe of [child.stdout, child.stderr])
    pipe.on('data', (chunk: Buffer) => {
      const [...whole] = (rest + chunk.toString()).split('\n');
      rest = whole.pop() ?? '';
      lines.push(...whole);
    });
  const children = (): readonly number[] => childrenOf(pid);
  return {
    pid,
    children,
    lines,
    ended,
    said: async (what, withinMs = 60_000) => {
      const until = Date.now() + withinMs;
      for (;;) {
        for (const line of lines) {
          const found = what.exec(line);
          if (found !== null) return found;
        }
        const why = child.exitCode !== null ? `it ended with ${child.exitCode}` : Date.now() > until ? 'in time' : '';
        if (why !== '') throw new Error(`no line ${String(what)}: ${why}\n${lines.join('\n')}`);
        await delay(20);
      }
    },
    stop: async () => {
      child.kill('SIGINT');
      return ended;
    },
    killAll: async () => {
      const all = [...children(), pid];
      for (const one of all) process.kill(one, 'SIGKILL');
      await ended;
      while (all.some(isAlive)) await delay(5);
    },
  };
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
}

/** Where its Kafka and its registry are. */
export async function addressesOf(up: Up): Promise<{ readonly kafka: string; readonly registry: string }> {
  const [, kafka = '', registry = ''] = await up.said(/Kafka broker on (\S+),.* schema registry on (\S+)/);
  return { kafka, registry };
}
