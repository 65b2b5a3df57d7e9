import type { WorkerMessage } from '../pipeline/supervise.ts';
import type { Shell } from './verb.ts';

/** To a person in a line; to whoever started this process also where it is found. */
export function sayReady(shell: Shell, text: string, addresses: Readonly<Record<string, string>>): void {
  shell.out(`${text}\n`);
  shell.tell?.({ says: 'ready', text, addresses } satisfies WorkerMessage);
}
