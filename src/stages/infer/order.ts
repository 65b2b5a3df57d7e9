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

/** Where a number stands to those that were scored. */
export function placeOf(order: Order | undefined, index: number): Place {
  if (order === undefined) return 'next';
  const back = order.last - index;
  if (back < 0) return back === -1 ? 'next' : 'gap';
  return back < bits && ((order.seen[back >> 3] ?? 0) >> (back & 7)) & 1 ? 'duplicate' : 'late';
}

/** With one more, larger than all before. */
export function withNext(order: Order | undefined, index: number): Order {
  const seen = Buffer.alloc(bits / 8);
  const by = order === undefined ? bits : index - order.last;
  if (order !== undefined && by < bits) {
    const [bytes, rest] = [by >> 3, by & 7];
    for (let at = bytes; at < seen.length; at++) {
      const low = at - bytes > 0 ? (order.seen[at - bytes - 1] ?? 0) : 0;
      seen[at] = ((order.seen[at - bytes] ?? 0) << rest) | (low >> (8 - rest));
    }
  }
  seen[0] = (seen[0] ?? 0) | 1;
  return { last: index, seen };
}
