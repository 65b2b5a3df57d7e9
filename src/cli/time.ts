import { InvalidArgumentError } from 'commander';

/** An option that is a point in time. */
export function time(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('A time is written like 2026-01-31T12:00:00Z.');
  return at;
}
