import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const blank = Buffer.from('\r\n\r\n');

/** One HTTP connection that is kept: a request after the other. A full client costs more than what is measured. */
export async function openConnection(port: number) {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  let rest: Buffer = Buffer.alloc(0);
  let waiting: ((answer: { status: number; body: Buffer }) => void) | undefined;
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = rest.indexOf(blank);
    if (end < 0) return;
    const head = rest.toString('latin1', 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (rest.length < end + 4 + length) return;
    const answer = { status: Number(head.slice(9, 12)), body: rest.subarray(end + 4, end + 4 + length) };
    rest = Buffer.alloc(0);
    waiting?.(answer);
  });
  return {
    post: (path: string, json: string) =>
      new Promise<{ status: number; body: Buffer }>((resolve) => {
        waiting = resolve;
        const head = `POST ${path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n`;
        socket.write(head + json);
      }),
    close: () => socket.destroy(),
  };
}

/** A WebSocket that hands out the text of each frame; frames of a server are not masked. */
export async function openSubscriber(port: number, message: object, hear: (text: Buffer) => void): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET /ws HTTP/1.1\r\nhost: bench\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
  );
  let rest: Buffer = Buffer.alloc(0);
  let isOpen = false;
  const opened = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (!isOpen) {
        const end = rest.indexOf(blank);
        if (end < 0) return;
        if (!rest.toString('latin1', 0, end).includes(' 101 ')) return reject(new Error(rest.toString()));
        rest = rest.subarray(end + 4);
        isOpen = true;
        socket.write(frameOf(JSON.stringify(message)));
        resolve();
      }
      rest = framesIn(rest, hear, () => socket.write(pong));
    });
  });
  await opened;
  return socket;
}

function framesIn(bytes: Buffer, hear: (text: Buffer) => void, answer: () => void): Buffer {
  let at = 0;
  while (bytes.length >= at + 2) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < at + head) break;
    const length =
      short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (bytes.length < at + head + length) break;
    const kind = (bytes[at] ?? 0) & 0x0f;
    if (kind === 1) hear(bytes.subarray(at + head, at + head + length));
    if (kind === 9) answer();
    at += head + length;
  }
  return bytes.subarray(at);
}

/** An empty one, which is enough of an answer for a ping without a text. */
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** Masked with zeros, which is a mask. */
function frameOf(text: string): Buffer {
  const body = Buffer.from(text);
  const head =
    body.length < 126
      ? Buffer.from([0x81, 0x80 | body.length])
      : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}
