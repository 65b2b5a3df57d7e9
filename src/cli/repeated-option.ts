import { Option } from 'commander';

/** An option that may be given several times; `without` is what its help says of a command line that does not have it. */
export const repeatedOption = <T = string>(
  flags: string,
  about: string,
  without: string,
  parse: (text: string) => T = (text) => text as T,
): Option =>
  new Option(flags, `${about}; may be given several times`)
    .argParser<readonly T[]>((text, before) => [...before, parse(text)])
    .default([], without);
