import { openNumbers, type Order } from './order.ts';
import type { Waiting } from './waiting.ts';

/** Those of the samples that wait which are to be scored now. */
export interface Accepted {
  readonly count: number;
  /** Their places among those that wait. */
  readonly at: Int32Array;
  readonly index: Float64Array;
  readonly gap: Uint8Array;
  /** After all of them. */
  readonly order: Order | undefined;
}

/** From a place on: which are scored, and which are too late for it. */
export function judged(
  before: Order | undefined,
  waiting: Waiting,
  first: number,
): {
  readonly accepted: Accepted;
  readonly tooLate: readonly { readonly at: number; readonly index: number }[];
} {
  const most = waiting.count - first;
  const [at, index, gap] = [new Int32Array(most), new Float64Array(most), new Uint8Array(most)];
  const tooLate: { at: number; index: number }[] = [];
  const numbers = openNumbers(before);
  let count = 0;
  for (let one = first; one < waiting.count; one++) {
    const given = waiting.index[one] ?? NaN;
    const own = Number.isNaN(given) ? numbers.next : given;
    const place = numbers.placeOf(own);
    if (place === 'late') tooLate.push({ at: one, index: own });
    if (place === 'late' || place === 'duplicate') continue;
    numbers.add(own);
    at[count] = one;
    index[count] = own;
    gap[count] = place === 'gap' ? 1 : 0;
    count += 1;
  }
  return { accepted: { count, at, index, gap, order: numbers.order() }, tooLate };
}

/** After only so many of those that were accepted. */
export function orderAfter(
  before: Order | undefined,
  { index, count, order }: Accepted,
  some: number,
): Order | undefined {
  if (some === count) return order;
  const numbers = openNumbers(before);
  for (let at = 0; at < some; at++) numbers.add(index[at] ?? 0);
  return numbers.order();
}

/** Where all that wait are accepted, which is nearly always, nothing is copied. */
export function valuesOf({ count, values }: Waiting, { at, count: some }: Accepted, sensors: number): Float32Array {
  const first = at[0] ?? 0;
  if (some === count - first) return values.subarray(first * sensors);
  const own = new Float32Array(some * sensors);
  for (let to = 0; to < some; to++) {
    const from = (at[to] ?? 0) * sensors;
    own.set(values.subarray(from, from + sensors), to * sensors);
  }
  return own;
}
