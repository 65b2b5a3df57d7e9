import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from './package-root.ts';
import { pathOf } from './path-of.ts';
import type { Shell, Verb } from './verb.ts';

/** Verbs, under headings that say what one does with them. */
export type VerbGroups = Readonly<Record<string, readonly Verb[]>>;

const exitCodes = `
Exit codes: 0 done; 1 the answer is no, or something failed; 2 the command line is wrong.
What runs until told to stop ends what is begun at the first ^C, and leaves at once, with 1, at the second.`;

/** The whole command line: what is parsed, what its help says, what a shell completes, and what tests walk. */
export function commandTree(groups: VerbGroups, shell: Shell, done: Parameters<Verb>[2]): Command {
  const program = new Command('downlink')
    .description('Scores satellite telemetry for anomalies while it flows through Kafka.')
    .version(versionOfPackage(), '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    // commander's own shows all there is where it does not find a verb.
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: shell.out, writeErr: shell.err })
    .addHelpText('after', '\nExample: downlink topology check topologies/smap.yaml');
  for (const [heading, verbs] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const verb of verbs) verb(program, shell, done);
  }
  finish(program);
  return program;
}

/** What every help and every error has. commander hands settings only to commands that are made after they were set. */
function finish(command: Command): void {
  command.showHelpAfterError(`(${pathOf(command)} --help shows what there is)`).addHelpText('after', exitCodes);
  sayWhatIsMisspelt(command);
  for (const option of command.options) {
    if (option.mandatory) option.description += ' (required)';
    const { defaultValue } = option as { defaultValue?: unknown };
    // Where the package is on this machine is of no interest.
    if (typeof defaultValue === 'string' && defaultValue.startsWith(packageRoot))
      option.defaultValueDescription ??= `${relative(packageRoot, defaultValue)} of the package`;
  }
  for (const child of command.commands) {
    child.copyInheritedSettings(command).helpCommand(false);
    finish(child);
  }
}

/** Before what is missing because of it: of `--topolgy FILE` commander says that there is no `--topology`. */
function sayWhatIsMisspelt(command: Command): void {
  const parseOptions = command.parseOptions.bind(command);
  command.parseOptions = (args) => {
    const parsed = parseOptions(args);
    if (parsed.unknown.length > 0) for (const option of command.options) option.makeOptionMandatory(false);
    return parsed;
  };
}

function versionOfPackage(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  return version;
}
