import type { Records } from '../../contract/index.ts';

type EntityState = Records['entity-state'];

/** What is known of the numbers of an entity's scored samples. */
export interface Order {
  readonly last: number;
  /** Bit i (of byte i div 8, lowest first): last - i was scored. */
  readonly seen: Buffer;
}

export type Place = 'next' | 'gap' | 'duplicate' | 'late';

const bits = 256;

export const orderOf = ({ last_index: last, seen }: EntityState): Order => ({ last, seen });

/** Numbers as they come, one after the other. */
export interface Numbers {
  /** What an unnumbered sample gets. */
  readonly next: number;
  placeOf(index: number): Place;
  /** One more, larger than all before. */
  add(index: number): void;
  /** Undefined as long as there was none. */
  order(): Order | undefined;
}

export function openNumbers(from: Order | undefined): Numbers {
  // Of each of the last 256 numbers, by its remainder, whether it was scored.
  const seen = new Uint8Array(bits);
  let last = from?.last;
  const slotOf = (index: number): number => ((index % bits) + bits) % bits;
  if (from !== undefined)
    for (let back = 0; back < bits; back++)
      seen[slotOf(from.last - back)] = ((from.seen[back >> 3] ?? 0) >> (back & 7)) & 1;
  return {
    get next() {
      return last === undefined ? 0 : last + 1;
    },
    placeOf: (index) => {
      if (last === undefined) return 'next';
      const back = last - index;
      if (back < 0) return back === -1 ? 'next' : 'gap';
      return back < bits && seen[slotOf(index)] === 1 ? 'duplicate' : 'late';
    },
    add: (index) => {
      // What lies between was not scored, and what it takes the place of is too old to know.
      if (last !== undefined && index - last > 1)
        for (let skipped = Math.max(last + 1, index - bits + 1); skipped < index; skipped++) seen[slotOf(skipped)] = 0;
      seen[slotOf(index)] = 1;
      last = index;
    },
    order: () => {
      if (last === undefined) return undefined;
      const bytes = Buffer.alloc(bits / 8);
      for (let back = 0; back < bits; back++)
        if (seen[slotOf(last - back)] === 1) bytes[back >> 3] = (bytes[back >> 3] ?? 0) | (1 << (back & 7));
      return { last, seen: bytes };
    },
  };
}
