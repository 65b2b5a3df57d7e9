import { expect, test } from '@jest/globals';
import { openSlots } from '../../src/embedded/inference-server/sequences/slots.ts';
import { seeded, seedOfRun } from '../support/random.ts';

test('always the lowest slot that is free', () => {
  const random = seeded(seedOfRun());
  const slots = openSlots(50);
  const free = new Set(Array.from({ length: 50 }, (_, place) => place));
  for (let round = 0; round < 5000; round++) {
    const taken = [...Array(50).keys()].filter((place) => !free.has(place));
    const back = taken[Math.floor(random() * taken.length)];
    if (back !== undefined && random() < 0.48) {
      slots.free(back);
      free.add(back);
      continue;
    }
    const lowest = free.size > 0 ? Math.min(...free) : undefined;
    expect(slots.take()).toBe(lowest);
    if (lowest !== undefined) free.delete(lowest);
  }
});
