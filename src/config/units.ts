// Quantities are plain numbers in the unit that their key names. Whoever writes "5s" is told the number.

const time = { ms: 1, s: 1e3, sec: 1e3, m: 6e4, min: 6e4, h: 3.6e6, d: 8.64e7 };
const size = {
  b: 1,
  k: 1024,
  kb: 1024,
  kib: 1024,
  m: 2 ** 20,
  mb: 2 ** 20,
  mib: 2 ** 20,
  g: 2 ** 30,
  gb: 2 ** 30,
  gib: 2 ** 30,
};

interface Unit {
  readonly name: string;
  readonly one: number;
  readonly written: Readonly<Record<string, number>>;
}

const units: readonly (readonly [ending: string, unit: Unit])[] = [
  ['Ms', { name: 'milliseconds', one: 1, written: time }],
  ['Seconds', { name: 'seconds', one: 1e3, written: time }],
  ['Minutes', { name: 'minutes', one: 6e4, written: time }],
  ['Hours', { name: 'hours', one: 3.6e6, written: time }],
  ['Days', { name: 'days', one: 8.64e7, written: time }],
  ['Bytes', { name: 'bytes', one: 1, written: size }],
  ['MiB', { name: 'MiB', one: 2 ** 20, written: size }],
  ['Percent', { name: 'percent', one: 1, written: { '%': 1 } }],
];

export const unitOf = (key: string): Unit | undefined => units.find(([ending]) => key.endsWith(ending))?.[1];

/** "5s" under a key that ends in Ms is 5000. */
export function inUnitOf(key: string, written: string): number | undefined {
  const unit = unitOf(key);
  const [, digits, word] = /^([\d_,]*\.?\d+)\s*([a-z%]*)$/i.exec(written.trim()) ?? [];
  if (digits === undefined || word === undefined) return undefined;
  const factor = word === '' ? (unit?.one ?? 1) : unit?.written[word.toLowerCase()];
  const number = Number(digits.replace(/[_,]/g, ''));
  return factor === undefined || Number.isNaN(number) ? undefined : (number * factor) / (unit?.one ?? 1);
}
