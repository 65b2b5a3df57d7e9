import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { supervise, type SuperviseOptions } from '../../pipeline/supervise.ts';
import type { Shell } from '../verb.ts';

export type PartName = 'kafka' | 'registry' | 'inference server' | 'stages' | 'jobs';

export type Addresses = Readonly<Record<string, string>>;

/** What is to be told of a process that `up` keeps running. */
export type Happening = { readonly part: PartName } & (
  | { readonly is: 'starting' }
  | { readonly is: 'running'; readonly pid: number; readonly text: string; readonly addresses: Addresses }
  | { readonly is: 'dead'; readonly how: string; readonly restartMs: number }
  /** It cannot run, and starting it anew would not help. */
  | { readonly is: 'given up' }
  /** A line that it wrote to stderr. */
  | { readonly is: 'saying'; readonly line: string }
);

export interface PartOptions {
  readonly name: PartName;
  /** Of the command line; what it served at is known from the second start on, so that it is found there again. */
  readonly args: (before: Addresses | undefined) => readonly string[];
  readonly env: Shell['env'];
  readonly again: NonNullable<Shell['again']>;
  readonly tell: (happening: Happening) => void;
  readonly leave?: SuperviseOptions['leave'];
  readonly onClient?: SuperviseOptions['onClient'];
}

export interface Part {
  /** Where it serves, once it does; rejects when it is given up before. */
  readonly addresses: Promise<Addresses>;
  /** Resolves when it is given up. */
  readonly given: Promise<void>;
  stop(withinMs: number): Promise<boolean>;
}

/** A process of this program that is started again whenever it dies. */
export function keepRunning({ name, args, env, again, tell, leave, onClient }: PartOptions): Part {
  let found: Addresses | undefined;
  let resolveAddresses: (addresses: Addresses) => void = () => undefined;
  const known = new Promise<Addresses>((resolve) => (resolveAddresses = resolve));
  let child: ChildProcess | undefined;
  const running = supervise({
    workers: 1,
    start: () => {
      // glibc keeps memory apart for each thread that asked for some: a tenth of all that they take, for nothing.
      child = again(args(found), { MALLOC_ARENA_MAX: '2', ...env });
      tell({ part: name, is: 'starting' });
      // What it prints is said by its messages, too.
      child.stdout?.resume();
      if (child.stderr) createInterface(child.stderr).on('line', (line) => tell({ part: name, is: 'saying', line }));
      return child;
    },
    emit: (event) => {
      if (event.event === 'worker-died') tell({ part: name, is: 'dead', how: event.how, restartMs: event.restartMs });
    },
    onReady: (_, { text, addresses = {} }) => {
      found = addresses;
      resolveAddresses(addresses);
      tell({ part: name, is: 'running', pid: child?.pid ?? 0, text, addresses });
    },
    ...(leave === undefined ? {} : { leave }),
    ...(onClient === undefined ? {} : { onClient }),
  });
  let stopping = false;
  const given = running.given.then(() => {
    if (!stopping) tell({ part: name, is: 'given up' });
  });
  const failed = given.then(() => {
    throw new Error(`${name} does not start`);
  });
  const addresses = Promise.race([known, failed]);
  // Whoever does not wait for them hears of it by `given`.
  addresses.catch(() => undefined);
  return {
    addresses,
    given,
    stop: (withinMs) => {
      stopping = true;
      return running.stop(withinMs);
    },
  };
}
