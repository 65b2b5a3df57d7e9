/**
 * Resolves when nobody reads an output any more, as behind `| head`. That is no failure, and what is written from then on is
 * written for nobody; any other failure of it is one.
 */
export function unread(output: Pick<NodeJS.EventEmitter, 'on'>): Promise<void> {
  return new Promise((resolve) => {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
      resolve();
    });
  });
}
