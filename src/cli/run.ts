import { CommanderError } from 'commander';
import { classify, codes } from '../errors.ts';
import type { WorkerMessage } from '../pipeline/supervise.ts';
import { commandTree } from './command-tree.ts';
import type { ExitCode, Shell } from './verb.ts';
import { verbsFor } from './verbs.ts';

/** One command line, from its arguments to its exit code. Nothing escapes: what is thrown is printed with its code and remedy. */
export async function run(args: readonly string[], shell: Shell): Promise<ExitCode> {
  let exit: ExitCode = 0;
  const program = commandTree(await verbsFor(args), shell, (code) => (exit = code));
  if (args.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    const error = classify(thrown);
    // Starting it anew would not help.
    if (error.code === 'config-invalid') shell.tell?.({ says: 'failed' } satisfies WorkerMessage);
    shell.err(`downlink: ${error.message}\n${codes[error.code].remedy}\n`);
    return 1;
  }
}
