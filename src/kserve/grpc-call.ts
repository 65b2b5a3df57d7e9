import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { gunzipSync } from 'node:zlib';
import { readFrames, writeFrames, type FrameWriter } from './frames.ts';
import { noteSent } from './pings.ts';
import { Refusal, statuses } from './status.ts';

/** 256 MiB, as little as needed to refuse a tensor of 20 MB for what is wrong with it and not for its size. */
export const maxMessageBytes = 256 * 2 ** 20;

/** One call of a client: gRPC's own rules over one HTTP/2 stream. */
export interface GrpcCall {
  readonly headers: IncomingHttpHeaders;
  readonly frames: FrameWriter;
  /** Bytes that the client has not taken yet. */
  readonly unsent: number;
  pause(): void;
  resume(): void;
  /** Sends what is left, then the status. Only the first counts. */
  end(refusal?: Refusal): void;
}

export interface GrpcListener {
  message(bytes: Buffer): void;
  halfClosed(): void;
  /** The client is gone or its deadline has passed. */
  cancelled(): void;
  /** The client has taken all that was written. */
  drained?(): void;
}

const headers = { ':status': 200, 'content-type': 'application/grpc' };

const trailersOf = (refusal: Refusal | undefined) =>
  refusal === undefined
    ? { 'grpc-status': '0' }
    : { 'grpc-status': `${statuses[refusal.status]}`, 'grpc-message': escaped(refusal.message) };

/** Percent signs and all that is not printable ASCII. */
const escaped = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

export function takeCall(
  stream: ServerHttp2Stream,
  requestHeaders: IncomingHttpHeaders,
  listen: (call: GrpcCall) => GrpcListener,
): void {
  let ending: { refusal?: Refusal | undefined } | undefined;
  stream.respond(headers, { waitForTrailers: true });
  const frames = writeFrames((bytes) => {
    if (stream.destroyed) return;
    noteSent(stream.session);
    stream.write(bytes);
  });
  const end = (refusal?: Refusal): void => {
    if (ending !== undefined || stream.destroyed) return;
    ending = { refusal };
    clearTimeout(deadline);
    frames.flush();
    stream.end();
    // A client that goes on sending would be listened to for ever.
    stream.resume();
  };
  stream.on('wantTrailers', () => {
    stream.sendTrailers(trailersOf(ending?.refusal));
    // Not before they are on their way.
    if (!stream.readableEnded) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  });
  const listener = listen({
    headers: requestHeaders,
    frames,
    get unsent() {
      return frames.waiting + stream.writableLength;
    },
    pause: () => {
      stream.pause();
    },
    resume: () => {
      stream.resume();
    },
    end,
  });
  const cancelled = (): void => {
    clearTimeout(deadline);
    if (ending === undefined) listener.cancelled();
    ending ??= {};
  };
  const timeoutMs = timeoutOf(requestHeaders['grpc-timeout']);
  const deadline =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          const refusal = new Refusal('DEADLINE_EXCEEDED', 'Deadline Exceeded');
          if (ending === undefined) listener.cancelled();
          end(refusal);
        }, timeoutMs);
  const read = readFrames(maxMessageBytes, (frame) => {
    if (ending !== undefined) return;
    if ('tooLong' in frame)
      end(
        new Refusal('RESOURCE_EXHAUSTED', `Received message larger than max (${frame.tooLong} vs. ${maxMessageBytes})`),
      );
    else {
      const message = frame.compressed ? unpacked(frame.message, requestHeaders['grpc-encoding']) : frame.message;
      if (message instanceof Refusal) end(message);
      else listener.message(message);
    }
  });
  stream.on('data', read);
  stream.on('end', () => {
    if (ending === undefined) listener.halfClosed();
  });
  stream.on('drain', () => {
    listener.drained?.();
  });
  stream.on('aborted', cancelled);
  stream.on('close', cancelled);
  // Whatever breaks the stream comes as its end.
  stream.on('error', () => undefined);
}

function unpacked(message: Buffer, encoding: unknown): Buffer | Refusal {
  if (encoding !== 'gzip')
    return new Refusal('UNIMPLEMENTED', `Compression algorithm '${String(encoding)}' is not supported`);
  try {
    return gunzipSync(message, { maxOutputLength: maxMessageBytes });
  } catch {
    return new Refusal('INTERNAL', 'Failed to decompress message');
  }
}

const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

function timeoutOf(header: unknown): number | undefined {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(typeof header === 'string' ? header : '') ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  return Math.min(2 ** 31 - 1, Math.ceil(Number(digits) * (unitMs[unit] ?? 0)));
}
