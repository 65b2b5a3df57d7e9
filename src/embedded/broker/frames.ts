import type { Socket } from 'node:net';
import { Malformed } from './codec.ts';

/**
 * What stands behind each size, as it comes. While nobody asks for the next one nothing is read, so a client that sends and sends
 * waits in its own memory.
 */
export async function* framesOf(socket: Socket, maxBytes: number): AsyncGenerator<Buffer, void> {
  let chunks: Buffer[] = [];
  let [had, wanted] = [0, 4];
  let size: number | undefined;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    had += chunk.length;
    while (had >= wanted) {
      const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, had);
      if (size === undefined) {
        size = whole.readInt32BE(0);
        if (size < 8 || size > maxBytes) throw new Malformed(`a request of ${size} bytes`);
        chunks = [whole];
        wanted = 4 + size;
        continue;
      }
      const rest = whole.subarray(wanted);
      chunks = rest.length === 0 ? [] : [rest];
      had = rest.length;
      const frame = whole.subarray(4, wanted);
      [size, wanted] = [undefined, 4];
      yield frame;
    }
  }
}
