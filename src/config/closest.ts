import { distance } from 'fastest-levenshtein';

/** The name that was probably meant; none where nothing is near. */
export function closest(written: string, names: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[-_.]/g, '');
  let best: string | undefined;
  let bound = Math.max(1, Math.floor(written.length / 3)) + 1;
  for (const name of names) {
    const d = Math.min(distance(written, name), distance(plain(written), plain(name)));
    if (d < bound) [best, bound] = [name, d];
  }
  return best;
}

/** What to write instead of a name that does not exist. */
export function didYouMean(written: string, names: readonly string[]): string {
  const near = closest(written, names);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return names.length === 0 ? 'take it away' : `write one of ${names.map((name) => `\`${name}\``).join(', ')}`;
}
