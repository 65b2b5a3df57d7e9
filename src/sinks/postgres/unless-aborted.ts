import { DownlinkError } from '../../errors.ts';

/** What was begun, or an error as soon as nobody wants it any more; `late` gets what comes nevertheless. */
export async function unlessAborted<T>(
  begun: Promise<T>,
  signal: AbortSignal | undefined,
  late: (done: T) => void = () => undefined,
): Promise<T> {
  let giveUp = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => {
      begun.then(late, () => undefined);
      reject(new DownlinkError('postgres-unavailable', 'given up'));
    };
    if (signal?.aborted === true) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([aborted, begun]);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}
