import type { Command } from 'commander';

/** How a command is called from the shell. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
