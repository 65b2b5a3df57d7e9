import { Argument } from 'commander';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import { placesOf, type Place } from './completion/places.ts';
import { zshScript } from './completion/zsh.ts';
import type { Verb } from './verb.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } satisfies Record<
  string,
  (places: readonly Place[]) => string
>;

/** Verbs, options and their choices at the Tab key. */
export const completion: Verb = (program, shell) => {
  program
    .command('completion')
    .description('print what makes a shell complete verbs, options and their choices')
    .addArgument(new Argument('<shell>', 'the shell that reads it').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      '\nExample: downlink completion bash > ~/.local/share/bash-completion/completions/downlink\n' +
        '         downlink completion zsh > ~/.zsh/completions/_downlink\n' +
        '         downlink completion fish > ~/.config/fish/completions/downlink.fish',
    )
    .action((name: keyof typeof scripts) => {
      shell.out(scripts[name](placesOf(program)));
    });
};
