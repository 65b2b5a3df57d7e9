import type { Command, Option } from 'commander';
import { pathOf } from '../path-of.ts';

/** A place on the command line: behind this path of verbs, what may stand there. */
export interface Place {
  readonly path: string;
  /** Verbs, or the choices of its argument. */
  readonly words: readonly Word[];
  readonly options: readonly OptionWords[];
  /** Files, where nothing else is known. */
  readonly hasArguments: boolean;
}

export interface Word {
  readonly word: string;
  readonly about: string;
}

export interface OptionWords {
  readonly flags: readonly string[];
  readonly about: string;
  readonly value: 'none' | 'file' | 'folder' | readonly string[];
}

/** Every place, those above before those below. Of `help` nothing is listed: behind it comes what comes without it. */
export function placesOf(command: Command): readonly Place[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command);
  const verbs = children.map((child) => ({ word: child.name(), about: child.description() }));
  const choices = command.registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((word) => ({ word, about: description })),
  );
  const place: Place = {
    path: pathOf(command),
    words: [...verbs, ...choices],
    options: help.visibleOptions(command).map(optionWords),
    hasArguments: command.registeredArguments.length > 0,
  };
  const isHelp = (child: Command): boolean => command.parent === null && child.name() === 'help';
  return [place, ...children.filter((child) => !isHelp(child)).flatMap(placesOf)];
}

function optionWords({ short, long, description, required, flags, argChoices }: Option): OptionWords {
  const value = argChoices ?? (/<(dir|folder)>/.test(flags) ? 'folder' : 'file');
  return {
    flags: [long, short].filter((flag) => flag !== undefined),
    about: description,
    value: required ? value : 'none',
  };
}
