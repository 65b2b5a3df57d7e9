/** gRPC's framing: before each message a byte (1: compressed) and its length. */

const headBytes = 5;

/** To join so much to others costs more than to write it by itself, and holds up everybody else. */
const largeBytes = 2 ** 20;

export interface FrameWriter {
  /** The pieces of one message. */
  send(...pieces: readonly Buffer[]): void;
  /** Bytes that wait for the end of this turn of the event loop. */
  readonly waiting: number;
  /** Writes what waits now. */
  flush(): void;
}

/** All messages of one turn of the event loop go out in one piece: most of the price of a message is that of its write. */
export function writeFrames(write: (bytes: Buffer) => void): FrameWriter {
  let parts: Buffer[] = [];
  let size = 0;
  let large = false;
  const join = (some: readonly Buffer[]): void => {
    if (some.length > 0) write(Buffer.concat(some));
  };
  const flush = (): void => {
    if (size === 0) return;
    const all = parts;
    parts = [];
    size = 0;
    if (!large) {
      join(all);
      return;
    }
    large = false;
    let from = 0;
    for (const [at, part] of all.entries()) {
      if (part.length < largeBytes) continue;
      join(all.slice(from, at));
      write(part);
      from = at + 1;
    }
    join(all.slice(from));
  };
  return {
    send(...pieces) {
      if (size === 0) setImmediate(flush);
      const head = Buffer.allocUnsafe(headBytes);
      parts.push(head, ...pieces);
      let length = 0;
      for (const piece of pieces) {
        length += piece.length;
        large ||= piece.length >= largeBytes;
      }
      head[0] = 0;
      head.writeUInt32BE(length, 1);
      size += headBytes + length;
    },
    get waiting() {
      return size;
    },
    flush,
  };
}

export type Frame = { readonly message: Buffer; readonly compressed: boolean } | { readonly tooLong: number };

/** Hands out whole messages, as views where they came in one piece. After one that is too long nothing more. */
export function readFrames(maxBytes: number, take: (frame: Frame) => void): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  let wanted = headBytes;
  let refused = false;
  return (chunk) => {
    if (refused) return;
    pieces.push(chunk);
    held += chunk.length;
    if (held < wanted) return;
    const bytes = pieces.length === 1 ? chunk : Buffer.concat(pieces, held);
    let at = 0;
    wanted = headBytes;
    while (bytes.length - at >= headBytes) {
      const length = bytes.readUInt32BE(at + 1);
      if (length > maxBytes) {
        refused = true;
        pieces = [];
        take({ tooLong: length });
        return;
      }
      const end = at + headBytes + length;
      if (end > bytes.length) {
        wanted = headBytes + length;
        break;
      }
      take({ message: bytes.subarray(at + headBytes, end), compressed: bytes[at] === 1 });
      at = end;
    }
    pieces = at < bytes.length ? [bytes.subarray(at)] : [];
    held = bytes.length - at;
  };
}
