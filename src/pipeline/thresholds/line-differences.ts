/** The lines from the first to the last that are others, as `diff` shows them. */
export function lineDifferences(before: string, after: string): readonly string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const shorter = Math.min(old.length, fresh.length);
  let first = 0;
  while (first < shorter && old[first] === fresh[first]) first += 1;
  let behind = 0;
  while (behind < shorter - first && old.at(-1 - behind) === fresh.at(-1 - behind)) behind += 1;
  return [
    ...old.slice(first, old.length - behind).map((line, at) => `${first + at + 1}: - ${line}`),
    ...fresh.slice(first, fresh.length - behind).map((line, at) => `${first + at + 1}: + ${line}`),
  ];
}
