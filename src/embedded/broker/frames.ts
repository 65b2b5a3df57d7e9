import type { Socket } from 'node:net';
import { Malformed } from './codec.ts';
import type { Room } from './room.ts';

/** Of a request that is not whole yet, each connection keeps so much; what is more is taken from the room of all. */
const ownBytes = 64 * 1024;

/**
 * What stands behind each size, as it comes. While nobody asks for the next one nothing is read, so a client that sends and sends
 * waits in its own memory. Memory grows with what has come, not with what a size promises.
 */
export async function* framesOf(socket: Socket, maxBytes: number, room: Room): AsyncGenerator<Buffer, void> {
  const prefix = Buffer.alloc(4);
  let [prefixed, size, had, taken] = [0, 0, 0, 0];
  let begun: Buffer | undefined;
  const giveBack = (): void => {
    room.give(taken);
    taken = 0;
  };
  const longer = (bytes: Buffer): Buffer => {
    const length = Math.min(size, 4 * bytes.length);
    room.take(length - bytes.length);
    taken += length - bytes.length;
    const more = Buffer.allocUnsafe(length);
    bytes.copy(more);
    return more;
  };
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length;) {
        if (begun === undefined) {
          prefix[prefixed++] = chunk[at++] ?? 0;
          if (prefixed < prefix.length) continue;
          [prefixed, size, had] = [0, prefix.readInt32BE(0), 0];
          if (size < 8 || size > maxBytes) throw new Malformed(`a request of ${size} bytes`);
          if (size <= chunk.length - at) {
            at += size;
            yield chunk.subarray(at - size, at);
            continue;
          }
          begun = Buffer.allocUnsafe(Math.min(size, ownBytes));
        }
        if (had === begun.length) begun = longer(begun);
        const some = chunk.copy(begun, had, at);
        at += some;
        had += some;
        if (had < size) continue;
        yield begun;
        begun = undefined;
        giveBack();
      }
    }
  } finally {
    giveBack();
  }
}
