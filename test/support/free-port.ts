import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Distinct ports on which nothing listens. They lie below the range that systems give to outgoing connections, so that
 * a broker that was killed finds its port free again, and no client's attempt to reach the dead port meets itself there.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(16_000, 32_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
