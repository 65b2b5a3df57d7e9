import { alarmsOf, joinedWithin } from '../alarms.ts';

/** As many alarms as there are in these flags, each a single row, anywhere. */
export function randomAlarms(flags: Uint8Array, random: () => number): Uint8Array {
  const { length: count } = alarmsOf(flags);
  // Drawn in what is left when the rows that must lie between two alarms are taken out: so they are never joined, and
  // never stand for longer than those that they are compared with.
  const apart = joinedWithin + 1;
  const room = flags.length - apart * (count - 1);
  const places = Array.from({ length: count }, () => Math.floor(random() * room)).sort((a, b) => a - b);
  const drawn = new Uint8Array(flags.length);
  for (const [at, place] of places.entries()) drawn[place + at * apart] = 1;
  return drawn;
}
