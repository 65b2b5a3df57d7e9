import { once } from 'node:events';
import { connect } from 'node:net';
import { pingFrame } from './hostile-frame.ts';

export interface Heard {
  /** Messages of text that came before what had been sent was through. */
  readonly texts: readonly string[];
  readonly end: 'open' | 'waits' | 'closed';
  /** With what it was closed, where that was said. */
  readonly code?: number;
}

export interface RawSocket {
  /** Sends it with a ping behind, and tells what came up to the answer to that. */
  send(bytes: Buffer, patienceMs: number): Promise<Heard>;
  end(): void;
}

/** A subscriber that writes its frames itself. */
export async function openRawSocket(port: number): Promise<RawSocket> {
  const socket = connect(port, '127.0.0.1');
  let kept = Buffer.alloc(0);
  let told: () => void = () => undefined;
  socket.on('data', (chunk) => {
    kept = Buffer.concat([kept, chunk]);
    told();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => told());
  const more = (): Promise<void> => new Promise((resolve) => (told = resolve));
  await once(socket, 'connect');
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  socket.write(
    `GET /ws HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
  );
  while (!kept.includes('\r\n\r\n') && !socket.closed) await more();
  if (!kept.toString('latin1').startsWith('HTTP/1.1 101 ')) throw new Error(`no WebSocket: ${kept.toString('latin1')}`);
  kept = kept.subarray(kept.indexOf('\r\n\r\n') + 4);
  let pings = 0;

  return {
    send: async (bytes, patienceMs) => {
      const mark = Buffer.from(`mark ${pings++}`);
      socket.write(Buffer.concat([bytes, pingFrame(mark)]));
      const late = AbortSignal.timeout(patienceMs);
      late.addEventListener('abort', () => told());
      const texts: string[] = [];
      for (;;) {
        const next = frameIn(kept);
        if (next === undefined) {
          if (socket.closed || late.aborted) return { texts, end: socket.closed ? 'closed' : 'waits' };
          await more();
          continue;
        }
        kept = kept.subarray(next.size);
        if (next.opcode === 1) texts.push(next.payload.toString());
        // It waits for the same from here then, and reads nothing else.
        if (next.opcode === 8)
          return { texts, end: 'closed', code: next.payload.length < 2 ? 1005 : next.payload.readUInt16BE() };
        if (next.opcode === 10 && next.payload.equals(mark)) return { texts, end: 'open' };
      }
    },
    end: () => socket.destroy(),
  };
}

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly size: number;
}

/** A server masks nothing, and this one cuts nothing in pieces. */
function frameIn(bytes: Buffer): Frame | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const header = second === 127 ? 10 : second === 126 ? 4 : 2;
  if (bytes.length < header) return undefined;
  const length = second === 127 ? Number(bytes.readBigUInt64BE(2)) : second === 126 ? bytes.readUInt16BE(2) : second;
  if (bytes.length < header + length) return undefined;
  if ((first & 0xf0) !== 0x80 || second > 127)
    throw new Error(`a frame that begins with ${bytes.toString('hex', 0, 2)}`);
  return { opcode: first & 0x0f, payload: bytes.subarray(header, header + length), size: header + length };
}
