import { stopMessage } from '../pipeline/supervise.ts';

/**
 * Resolves when a process is told to end what it has begun: by a signal, by whoever started it, or because that one is gone.
 * One that is told a second time ends at once.
 */
export function toldToStop(process: Pick<NodeJS.EventEmitter, 'on'>, exit: () => void): Promise<void> {
  return new Promise((resolve) => {
    let told = false;
    const tell = (): void => {
      if (told) exit();
      told = true;
      resolve();
    };
    for (const sign of ['SIGINT', 'SIGTERM', 'disconnect']) process.on(sign, tell);
    // One Ctrl-C comes as a signal to both, and then as this message: that is not a second time.
    process.on('message', (message) => {
      if (message === stopMessage && !told) tell();
    });
  });
}
