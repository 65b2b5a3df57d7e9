import { printable } from '../printable.ts';

const mostItems = 12;
const mostBytes = 48;
const mostLetters = 300;

/** A decoded value on one line; what is long is cut, and says how much is left out. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return `"${lettersText(value)}"`;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return hexText(value);
  if (Array.isArray(value)) return listText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([name, of]) => `${printable(name)}: ${valueText(of)}`);
  return `{ ${fields.join(', ')} }`;
}

export function lettersText(text: string): string {
  if (text.length <= mostLetters) return printable(text);
  return `${printable(text.slice(0, mostLetters))} … ${text.length - mostLetters} more`;
}

export function hexText(bytes: Buffer): string {
  const shown = `0x${bytes.toString('hex', 0, mostBytes)}`;
  return bytes.length <= mostBytes ? shown : `${shown} … ${bytes.length - mostBytes} bytes more`;
}

function listText(items: readonly unknown[]): string {
  const shown = items.slice(0, mostItems).map(valueText);
  const more = items.length - shown.length;
  return `[${[...shown, ...(more > 0 ? [`… ${more} more`] : [])].join(', ')}]`;
}
