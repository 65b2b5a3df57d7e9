import type { Command } from 'commander';
import { commandTree } from '../../src/cli/command-tree.ts';
import { run } from '../../src/cli/run.ts';
import { verbsFor } from '../../src/cli/verbs.ts';
import type { Shell } from '../../src/cli/verb.ts';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What a command line prints and answers, in this process. */
export async function downlink(args: readonly string[], more: Partial<Shell> = {}): Promise<Said> {
  let [out, err] = ['', ''];
  const code = await run(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    env: {},
    untilToldToStop: () => Promise.resolve(),
    ...more,
  });
  return { code, out, err };
}

/** The command line as `run` parses it, to look at; what it would print is lost. */
export const commandLine = async (): Promise<Command> =>
  commandTree(
    await verbsFor([]),
    { out: () => undefined, err: () => undefined, env: {}, untilToldToStop: () => Promise.resolve() },
    () => undefined,
  );

/** A command and all below it. */
export const allIn = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(allIn)];

/**
 * Takes the words of a line that begins with `downlink`, behind settings for the environment perhaps, and answers whose line
 * it is; throws where commander would refuse it. Nothing is run.
 */
export async function parsed(line: string): Promise<Command> {
  const [words = ''] = line.split(/ [>|] /);
  const [name, ...args] = words.split(/\s+/).filter((word) => !/^[A-Z_]+=/.test(word));
  if (name !== 'downlink') throw new Error(`${line}: it does not begin with downlink`);
  const program = await commandLine();
  let reached: Command | undefined;
  for (const command of allIn(program).filter(doesSomething))
    command.action(() => {
      reached = command;
    });
  await program.parseAsync(args, { from: 'user' });
  if (reached === undefined) throw new Error(`${line}: it reaches no verb`);
  return reached;
}

/** One with verbs below it may do something by itself, too. */
const doesSomething = (command: Command): boolean =>
  command.commands.length === 0 || (command as unknown as { _actionHandler: unknown })._actionHandler !== null;
