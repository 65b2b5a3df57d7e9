import type { Kept } from './kept.ts';

/** Under which it stands what has been taken so far. */
export const producerIds = 'producer ids';
/** Ids are taken in blocks, so that not each is written down. */
const block = 1_000;

/** Gives each id once, over restarts too. `append` writes down what keeps it so, together with what the id is for. */
export function openProducerIds(reservedBefore: number, kept: Kept) {
  let [next, reserved, written] = [reservedBefore, reservedBefore, reservedBefore];
  return {
    next: (): number => {
      if (next === reserved) reserved += block;
      return next++;
    },
    append: async (entries: Parameters<Kept['append']>[0]): Promise<void> => {
      const upTo = reserved;
      await kept.append([...(upTo > written ? [{ key: producerIds, value: String(upTo) }] : []), ...entries]);
      // What failed is written with the next.
      written = Math.max(written, upTo);
    },
  };
}
