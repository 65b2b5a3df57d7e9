import type { Place } from './places.ts';
import { quoted } from './quoted.ts';

/** Where the function has nothing to say, `-o default` completes files as everywhere in bash. */
export function bashScript(places: readonly Place[]): string {
  const below = places.slice(1).map(({ path }) => quoted(path));
  const valued = places.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => flags.map((flag) => ({ at: quoted(`${path} ${flag}`), value }))),
  );
  const chosen = valued.flatMap(({ at, value }) =>
    typeof value === 'string' ? [] : [`    ${at}) words=${quoted(value.join(' '))} ;;`],
  );
  const files = valued.filter(({ value }) => value === 'file' || value === 'folder').map(({ at }) => at);
  const ofPlaces = places.map(({ path, words, options, hasArguments }) => {
    const flags = options.flatMap((option) => option.flags).join(' ');
    const first = words.length > 0 || hasArguments ? words.map(({ word }) => word).join(' ') : flags;
    return `        ${quoted(path)}) words=${quoted(first)} flags=${quoted(flags)} ;;`;
  });
  return `# bash completion for downlink: put this into a file that your shell reads, as
#   downlink completion bash > ~/.local/share/bash-completion/completions/downlink
_downlink() {
  local at=downlink word words='' flags='' i
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  # bash takes --option=value for three words.
  if [[ $current == = ]]; then current=''; fi
  if [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$at $word" in
      ${below.join(' | ')}) at="$at $word" ;;
    esac
  done
  case "$at $before" in
${chosen.join('\n')}
    ${files.join(' | ')}) ;;
    *)
      case "$at" in
${ofPlaces.join('\n')}
      esac
      if [[ $current == -* ]]; then words=$flags; fi
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _downlink downlink
`;
}
