import { ChannelCredentials, Client, Metadata, type CallOptions, type ServiceError } from '@grpc/grpc-js';
import { setMaxListeners } from 'node:events';
import { plainly } from './connection-failure.ts';
import type { InferRequest, InferResponse } from './infer.ts';
import { encodeInferRequest } from './infer-request.ts';
import { decodeInferResponse } from './infer-response.ts';
import { decodeMessage, encodeMessage } from './messages.ts';
import type { Call } from './service.ts';
import { Refusal, statusOf } from './status.ts';

export interface ChannelOptions {
  /** host:port */
  readonly address: string;
  /** PEM; without it in the clear. */
  readonly tls?: {
    readonly authorities?: Buffer;
    readonly certificate?: Buffer;
    readonly key?: Buffer;
  };
  /** Sent with every call, for whoever stands before the server and asks who calls. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The calls of one request and one answer; the connection is made, and made again, when it is needed. */
export interface Channel {
  call(name: Call, request: object, deadlineMs: number): Promise<Record<string, unknown>>;
  infer(request: InferRequest, deadlineMs: number, signal?: AbortSignal): Promise<InferResponse>;
  close(): void;
}

const path = (name: string): string => `/inference.GRPCInferenceService/${name}`;

export function openChannel({ address, tls, headers = {} }: ChannelOptions): Channel {
  const credentials =
    tls === undefined
      ? ChannelCredentials.createInsecure()
      : ChannelCredentials.createSsl(tls.authorities ?? null, tls.key ?? null, tls.certificate ?? null);
  // No keepalive: Triton ends a connection that pings more often than every five minutes.
  const client = new Client(address, credentials, {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.min_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  });
  const metadata = (): Metadata => {
    const found = new Metadata();
    for (const [name, value] of Object.entries(headers)) found.set(name, value);
    return found;
  };

  const unary = <I, O>(
    name: string,
    encode: (request: I) => Buffer,
    decode: (bytes: Buffer) => O,
    request: I,
    { deadline }: CallOptions,
    signal?: AbortSignal,
  ): Promise<O> =>
    new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest(
        path(name),
        encode,
        decode,
        request,
        metadata(),
        deadline === undefined ? {} : { deadline },
        (error, response) => {
          signal?.removeEventListener('abort', cancel);
          if (error !== null) reject(refusalOf(error));
          else if (response === undefined) reject(new Refusal('INTERNAL', 'the answer is empty'));
          else resolve(response);
        },
      );
      const cancel = (): void => {
        call.cancel();
      };
      if (signal === undefined) return;
      // Many calls share one; Node would take more than ten for a leak.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
    });

  return {
    call: (name, request, deadlineMs) =>
      unary(
        name,
        (message: object) => encodeMessage(`${name}Request`, message),
        (bytes) => decodeMessage(`${name}Response`, bytes),
        request,
        { deadline: Date.now() + deadlineMs },
      ),
    infer: (request, deadlineMs, signal) =>
      unary(
        'ModelInfer',
        encodeInferRequest,
        decodeInferResponse,
        request,
        { deadline: Date.now() + deadlineMs },
        signal,
      ),
    close: () => {
      client.close();
    },
  };
}

const refusalOf = ({ code, details }: ServiceError): Refusal => {
  const name = statusOf(code);
  return new Refusal(name === 'OK' ? 'UNKNOWN' : name, plainly(details));
};
