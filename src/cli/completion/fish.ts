import type { OptionWords, Place } from './places.ts';

export function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words, options, hasArguments }) => {
    const here = `complete -c downlink -n ${quoted(`__downlink_at ${quoted(path)}`)}`;
    return [
      ...(words.length > 0 || !hasArguments ? [`${here} -f`] : []),
      ...words.map(({ word, about }) => `${here} -a ${quoted(word)} -d ${quoted(about)}`),
      ...options.map((option) => `${here} ${optionText(option)}`),
    ];
  });
  return `# fish completion for downlink: put this where fish looks, as
#   downlink completion fish > ~/.config/fish/completions/downlink.fish
function __downlink_at
    set -l at downlink
    for word in (commandline -opc)[2..-1]
        if contains -- "$at $word" ${places
          .slice(1)
          .map(({ path }) => quoted(path))
          .join(' ')}
            set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function optionText({ flags, about, value }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, ...taken(value), `-d ${quoted(about)}`].join(' ');
}

function taken(value: OptionWords['value']): readonly string[] {
  if (value === 'none') return [];
  if (value === 'file') return ['-r', '-F'];
  return value === 'folder' ? ['-x', "-a '(__fish_complete_directories)'"] : ['-x', `-a ${quoted(value.join(' '))}`];
}

/** fish knows a backslash within single quotes. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
