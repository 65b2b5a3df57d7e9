import type { ChildProcess } from 'node:child_process';
import type { Command } from 'commander';

/** What a verb may touch of the process that it runs in. */
export interface Shell {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Resolves at the first SIGINT or SIGTERM, when whoever started this process says so or is gone, or when nobody reads
   * `out` any more. The second ends it.
   */
  readonly untilToldToStop: () => Promise<unknown>;
  /** What goes to `err` is read by a person. */
  readonly terminal?: boolean;
  /** What goes to `out` is read by a person. */
  readonly screen?: boolean;
  /** Of that screen, as it is now. */
  readonly size?: () => { readonly columns: number; readonly rows: number };
  /**
   * Starts this program in another process, with a channel for messages. With `env`, what it prints is read from its pipes, and a ^C
   * reaches only this process, which ends the others in their order.
   */
  readonly again?: (args: readonly string[], env?: Readonly<Record<string, string | undefined>>) => ChildProcess;
  /** To whoever started this process in that way. */
  readonly tell?: (message: object) => void;
}

/** 0: done. 1: done, and the answer is no (problems were found, something failed). 2: the command line is wrong. */
export type ExitCode = 0 | 1 | 2;

/** Adds one verb to the command line; `done` takes the exit code. */
export type Verb = (program: Command, shell: Shell, done: (code: ExitCode) => void) => void;
