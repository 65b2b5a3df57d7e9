import { connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { ChannelOptions } from './client.ts';
import { plainly } from './connection-failure.ts';
import { readFrames, writeFrames } from './frames.ts';
import { maxMessageBytes } from './grpc-call.ts';
import type { InferRequest, StreamResponse } from './infer.ts';
import { encodeInferRequest } from './infer-request.ts';
import { decodeStreamResponse } from './infer-response.ts';
import { Refusal, statusOf, statusOfHttp, type Status } from './status.ts';

export interface RequestStream {
  send(request: InferRequest): void;
  /** Bytes that the server has not taken yet: who sends on regardless grows without bound. */
  readonly unsent: number;
  /** Whether there ever was a connection: before that the server cannot have heard of anything. */
  readonly connected: boolean;
  /** Nothing more will be sent; answers still come. */
  halfClose(): void;
  cancel(): void;
}

export interface StreamHandlers {
  readonly answered: (response: StreamResponse) => void;
  readonly drained?: () => void;
  /** Once, whatever ended it; without a refusal the server ended it in order. */
  readonly ended: (refusal: Refusal | undefined) => void;
}

const connectWithinMs = 5_000;

/**
 * `ModelStreamInfer` over a connection of its own, on Node's own HTTP/2: through grpc-js a message costs three times as
 * much, because it writes each by itself and waits for it.
 */
export function openStream({ address, tls, headers = {} }: ChannelOptions, handlers: StreamHandlers): RequestStream {
  const session = connect(`${tls === undefined ? 'http' : 'https'}://${address}`, {
    settings: { initialWindowSize: 4 * 2 ** 20, enablePush: false },
    ...(tls?.authorities === undefined ? {} : { ca: tls.authorities }),
    ...(tls?.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    ALPNProtocols: ['h2'],
  });
  const unanswered = setTimeout(() => {
    session.destroy(new Error(`no connection to ${address} within ${connectWithinMs} ms`));
  }, connectWithinMs);
  let ended = false;
  let connected = false;
  const end = (refusal: Refusal | undefined): void => {
    if (ended) return;
    ended = true;
    clearTimeout(unanswered);
    if (!session.destroyed) session.destroy();
    handlers.ended(refusal);
  };
  const fail = (status: Exclude<Status, 'OK'>, why: string): void => {
    end(new Refusal(status, plainly(why)));
  };
  session.once('connect', () => {
    clearTimeout(unanswered);
    connected = true;
    session.setLocalWindowSize(16 * 2 ** 20);
  });
  session.on('error', (error: Error) => {
    fail('UNAVAILABLE', error.message);
  });

  const stream = session.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ModelStreamInfer',
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'downlink',
    ...headers,
  });
  const settle = (found: IncomingHttpHeaders): void => {
    const code = found['grpc-status'];
    if (code === undefined) return;
    const status = statusOf(Number(code));
    end(status === 'OK' ? undefined : new Refusal(status, unescaped(found['grpc-message'])));
  };
  const read = readFrames(maxMessageBytes, (frame) => {
    if (ended) return;
    if ('tooLong' in frame) fail('RESOURCE_EXHAUSTED', `an answer of ${frame.tooLong} bytes`);
    else if (frame.compressed) fail('INTERNAL', 'an answer is compressed though nobody asked for it');
    else deliver(frame.message);
  });
  const deliver = (message: Buffer): void => {
    let response: StreamResponse;
    try {
      response = decodeStreamResponse(message);
    } catch (thrown) {
      fail('INTERNAL', thrown instanceof Error ? thrown.message : 'an answer that cannot be read');
      return;
    }
    handlers.answered(response);
  };
  stream.on('response', (found) => {
    settle(found);
    const { ':status': status = 0 } = found;
    if (status !== 200) fail(statusOfHttp(status), `HTTP status ${status}`);
  });
  stream.on('trailers', settle);
  stream.on('data', read);
  if (handlers.drained !== undefined) stream.on('drain', handlers.drained);
  stream.on('error', (error: Error) => {
    fail('UNAVAILABLE', error.message);
  });
  stream.on('close', () => {
    fail('UNAVAILABLE', 'the stream was cut');
  });

  const frames = writeFrames((bytes) => {
    if (!stream.destroyed) stream.write(bytes);
  });
  return {
    send: (request) => {
      if (!ended) frames.send(encodeInferRequest(request));
    },
    get unsent() {
      return frames.waiting + stream.writableLength;
    },
    get connected() {
      return connected;
    },
    halfClose: () => {
      if (ended) return;
      frames.flush();
      stream.end();
    },
    cancel: () => {
      stream.close(constants.NGHTTP2_CANCEL);
      fail('CANCELLED', 'cancelled here');
    },
  };
}

function unescaped(text: unknown): string {
  if (typeof text !== 'string') return '';
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
