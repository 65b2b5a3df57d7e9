import { headAt, type Head } from './batch.ts';

/** The whole batches from here on, one after the other, without looking into them. */
export function* headsIn(bytes: Buffer): Generator<{ readonly head: Head; readonly at: number }, void> {
  for (let at = 0; ;) {
    const head = headAt(bytes, at);
    if (head === undefined) return;
    yield { head, at };
    at += head.size;
  }
}
