import type { Shell } from '../verb.ts';
import type { Tally } from './tally.ts';

/** How it goes: a line that is drawn anew on a terminal, and a line every 10 s elsewhere. */
export function openScreen({ err, terminal, size }: Shell, tally: Tally) {
  const began = performance.now();
  const show = (): void => {
    const line = tally.line(performance.now() - began);
    const { columns = 0 } = size?.() ?? {};
    // What does not fit would go on in the next line, and stay. Some terminals do not know how wide they are.
    if (terminal === true) err(`\r${line.slice(0, (columns > 0 ? columns : 80) - 1)}\u001b[K`);
    else err(`${line}\n`);
  };
  const timer = setInterval(show, terminal === true ? 200 : 10_000);
  return {
    /** Answers how long it was, in ms. */
    end: (): number => {
      clearInterval(timer);
      show();
      if (terminal === true) err('\n');
      return performance.now() - began;
    },
  };
}
