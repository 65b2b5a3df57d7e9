/** One thing at a time for each name; others go on meanwhile. */
export function openTurns(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const turns = new Map<string, Promise<void>>();
  return (name, work) => {
    const turn = (turns.get(name) ?? Promise.resolve()).then(work);
    const forget = (): void => {
      if (turns.get(name) === over) turns.delete(name);
    };
    // Whoever asked hears of a failure; the next in turn does not.
    const over: Promise<void> = turn.then(forget, forget);
    turns.set(name, over);
    return turn;
  };
}
