/** Says what may happen a thousand times at once: of each kind at most a line a second, and how many there were that were not said. */
export type Seldom = (kind: string, line: string) => void;

const betweenMs = 1_000;

export function openSeldom(note: (line: string) => void): Seldom {
  const unsaid = new Map<string, number>();
  const waitFor = (kind: string): void => {
    unsaid.set(kind, 0);
    setTimeout(() => {
      const count = unsaid.get(kind) ?? 0;
      if (count === 0) {
        unsaid.delete(kind);
        return;
      }
      note(`${count} more in a second: ${kind}`);
      waitFor(kind);
    }, betweenMs).unref();
  };
  return (kind, line) => {
    const count = unsaid.get(kind);
    if (count !== undefined) {
      unsaid.set(kind, count + 1);
      return;
    }
    note(`${kind}: ${line}`);
    waitFor(kind);
  };
}
