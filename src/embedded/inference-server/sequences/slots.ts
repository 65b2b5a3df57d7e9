/** The free slots of all instances: the lowest slot first, and of equal slots the first instance's. */
export interface Slots {
  /** Undefined: all are taken. */
  take(): number | undefined;
  free(place: number): void;
}

/** A place is slot × instances + instance, so that the order of places is the order in which they are given out. */
export function openSlots(count: number): Slots {
  // Those never used yet are the ones from `fresh` on; the heap holds those that have been given back.
  let fresh = 0;
  const heap: number[] = [];
  const at = (index: number): number => heap[index] ?? Infinity;
  const swap = (a: number, b: number): void => {
    [heap[a], heap[b]] = [at(b), at(a)];
  };

  return {
    take: () => {
      const [least] = heap;
      if (least === undefined) return fresh < count ? fresh++ : undefined;
      const last = heap.pop() ?? least;
      if (heap.length > 0) {
        heap[0] = last;
        for (let index = 0; ;) {
          const left = 2 * index + 1;
          const child = at(left + 1) < at(left) ? left + 1 : left;
          if (at(child) >= at(index)) break;
          swap(child, index);
          index = child;
        }
      }
      return least;
    },
    free: (place) => {
      let index = heap.push(place) - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (at(parent) <= at(index)) break;
        swap(parent, index);
        index = parent;
      }
    },
  };
}
