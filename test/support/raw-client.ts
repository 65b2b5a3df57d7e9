import { once } from 'node:events';
import { connect } from 'node:net';
import { apis } from '../../src/embedded/broker/apis/all.ts';
import { Writing } from '../../src/embedded/broker/codec.ts';

/** A connection to a broker on which anything can be said. */
export interface RawClient {
  send(...bytes: readonly Uint8Array[]): void;
  /** The next answer, without its size; undefined where the connection is closed instead. */
  answer(): Promise<Buffer | undefined>;
  /** Reads nothing, until it is told to read on. */
  stopReading(): void;
  readOn(): void;
  readonly closed: Promise<void>;
  end(): void;
}

export async function openRawClient(address: string): Promise<RawClient> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host ?? '', port: Number(port), noDelay: true });
  const answers: Buffer[] = [];
  const waiting: ((answer: Buffer | undefined) => void)[] = [];
  let rest = Buffer.alloc(0);
  let isOpen = true;
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const answer = rest.subarray(4, 4 + rest.readInt32BE(0));
      rest = rest.subarray(4 + answer.length);
      const next = waiting.shift();
      if (next === undefined) answers.push(answer);
      else next(answer);
    }
  });
  // A connection that is refused, or reset, is told of by its close.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isOpen = false;
      for (const one of waiting.splice(0)) one(undefined);
      resolve();
    });
  });
  await Promise.race([once(socket, 'connect'), closed]);
  return {
    send: (...bytes) => {
      if (isOpen) socket.write(Buffer.concat(bytes));
    },
    answer: () => {
      const had = answers.shift();
      if (had !== undefined || !isOpen) return Promise.resolve(had);
      return new Promise((resolve) => waiting.push(resolve));
    },
    stopReading: () => socket.pause(),
    readOn: () => socket.resume(),
    closed,
    end: () => socket.destroy(),
  };
}

export const sized = (frame: Uint8Array): Buffer => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(frame.length);
  return Buffer.concat([size, frame]);
};

/** A request, with its size before it. */
export function rawRequest(key: number, version: number, body: Uint8Array = Buffer.alloc(0), correlation = 1): Buffer {
  const header = new Writing(false).int16(key).int16(version).int32(correlation).text('raw');
  const tags = version >= (apis.get(key)?.flexibleFrom ?? Infinity) ? [Buffer.alloc(1)] : [];
  return sized(Buffer.concat([...header.parts(), ...tags, body]));
}

export const bodyOf = (write: (to: Writing) => unknown): Buffer => {
  const to = new Writing(false);
  write(to);
  return Buffer.concat(to.parts());
};
