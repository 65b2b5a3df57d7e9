import { run } from '../../src/cli/run.ts';
import type { ExitCode } from '../../src/cli/verb.ts';

/** A verb of the command line that goes on until it is told to stop. */
export interface BegunVerb {
  /** The lines so far. */
  out(): readonly string[];
  err(): readonly string[];
  stop(): void;
  readonly ended: Promise<ExitCode>;
}

/** As on a terminal: it says when it has begun. */
export function beginVerb(args: readonly string[], env: Readonly<Record<string, string>>, screen: boolean): BegunVerb {
  let [out, err] = ['', ''];
  let stop: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (stop = resolve));
  const ended = run(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    env,
    terminal: true,
    screen,
    untilToldToStop: () => told,
  });
  const lines = (text: string): readonly string[] => text.split('\n').slice(0, -1);
  return { out: () => lines(out), err: () => lines(err), stop, ended };
}
