import { connect, type IncomingHttpHeaders } from 'node:http2';
import { statusOf, type Status } from '../../../src/kserve/status.ts';

export interface RawAnswer {
  readonly status: Status;
  readonly message: string;
  readonly messages: readonly Buffer[];
}

/** One gRPC call with whatever bytes as its messages. */
export function rawCall(address: string, path: string, messages: readonly Buffer[]): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`);
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let [status, message] = ['2', ''];
    const take = (headers: IncomingHttpHeaders): void => {
      if (headers['grpc-status'] === undefined) return;
      status = [headers['grpc-status']].join();
      message = decodeURIComponent([headers['grpc-message']].join());
    };
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      session.close();
      resolve({ status: statusOf(Number(status)), message, messages: unframed(Buffer.concat(chunks)) });
    });
    for (const bytes of messages) stream.write(framed(bytes));
    stream.end();
  });
}

export function framed(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function unframed(bytes: Buffer): readonly Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return messages;
}
