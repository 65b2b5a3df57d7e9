import type { Command } from 'commander';
import { pathOf } from './path-of.ts';
import type { Verb } from './verb.ts';

/** What --help shows, for whoever begins with the word. */
export const help: Verb = (program) => {
  program
    .command('help [verb...]')
    .description('show the help of a verb, as --help does')
    .addHelpText('after', '\nExample: downlink help topology check')
    .action(async (names: readonly string[]) => {
      const { found, left } = commandAt(program, names);
      if (left.length === 0) found.outputHelp();
      // Whoever has verbs, but none of this name, says so, and which is meant.
      else if (found.commands.length > 0) await found.parseAsync(left, { from: 'user' });
      else found.error(`error: ${pathOf(found)} has no verbs of its own, so no \`${left.join(' ')}\``);
    });
};

/** Down as far as the names are those of commands. */
function commandAt(from: Command, names: readonly string[]): { readonly found: Command; readonly left: string[] } {
  const [name, ...more] = names;
  const next = from.commands.find((one) => one.name() === name);
  return next === undefined ? { found: from, left: [...names] } : commandAt(next, more);
}
