import type { OptionWords, Place } from './places.ts';
import { quoted } from './quoted.ts';

export function zshScript(places: readonly Place[]): string {
  const below = places.slice(1).map(({ path }) => quoted(path));
  const ofValues = places.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => {
      if (value === 'none') return [];
      const at = flags.map((flag) => quoted(`${path} ${flag}`)).join(' | ');
      return [`    ${at}) ${completed(value)}; return ;;`];
    }),
  );
  const ofPlaces = places.map(({ path, words, options, hasArguments }) => {
    const described = words.map(({ word, about }) => entry(word, about));
    const flags = options.flatMap(({ flags: all, about }) => all.map((flag) => entry(flag, about)));
    const otherwise = hasArguments ? 'files' : 'options';
    return `    ${quoted(path)})
      words_here=(${described.join(' ')})
      options_here=(${flags.join(' ')})
      otherwise=${otherwise} ;;`;
  });
  return `#compdef downlink
# zsh completion for downlink: put this as _downlink into a folder of your $fpath, as
#   downlink completion zsh > ~/.zsh/completions/_downlink
_downlink() {
  local at=downlink word otherwise=options
  local -a words_here options_here
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      (${below.join(' | ')}) at="$at $word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${ofValues.join('\n')}
  esac
  case "$at" in
${ofPlaces.join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then _describe -o option options_here
  elif (( $#words_here )); then _describe verb words_here
  elif [[ $otherwise == files ]]; then _files
  else _describe -o option options_here
  fi
}
if [[ $funcstack[1] == _downlink ]]; then _downlink "$@"; else compdef _downlink downlink; fi
`;
}

function completed(value: Exclude<OptionWords['value'], 'none'>): string {
  if (value === 'file') return '_files';
  return value === 'folder' ? '_files -/' : `compadd -- ${value.map(quoted).join(' ')}`;
}

/** A colon parts the word from what it is about. */
const entry = (word: string, about: string): string => quoted(`${word.replaceAll(':', '\\:')}:${about}`);
