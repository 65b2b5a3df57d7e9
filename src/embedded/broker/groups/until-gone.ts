/** What comes of it, or undefined once nobody waits for the answer: a group counts on who waits, whatever became of its connection. */
export function untilGone<T>(signal: AbortSignal, waiting: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const gone = (): void => resolve(undefined);
    signal.addEventListener('abort', gone, { once: true });
    waiting.finally(() => signal.removeEventListener('abort', gone)).then(resolve, reject);
    if (signal.aborted) gone();
  });
}
