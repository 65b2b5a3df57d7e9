import { InvalidArgumentError } from 'commander';
import type { WorkerMessage } from '../pipeline/supervise.ts';
import type { Shell } from './verb.ts';

export function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

/** The port is taken, or the address is none of this machine's: a matter of the command line, not of downlink. */
export function isListenError(error: unknown): error is NodeJS.ErrnoException & { port?: number } {
  return (
    error instanceof Error && 'syscall' in error && (error.syscall === 'listen' || error.syscall === 'getaddrinfo')
  );
}

/** To a person, and to whoever started this process: to start it anew would not help. */
export function sayCannotListen(shell: Shell, where: string, { message }: Error): void {
  shell.err(`downlink: cannot listen on ${where}: ${message}\n`);
  shell.tell?.({ says: 'failed' } satisfies WorkerMessage);
}
