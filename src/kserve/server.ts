import { createSecureServer, createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { takeCall, type GrpcCall, type GrpcListener } from './grpc-call.ts';
import type { InferRequest } from './infer.ts';
import { decodeInferRequest } from './infer-request.ts';
import { encodeInferResponse, encodeStreamResponse } from './infer-response.ts';
import { decodeMessage, encodeMessage } from './messages.ts';
import { endAtTooManyPings } from './pings.ts';
import { calls, type Service, type StreamCall } from './service.ts';
import { Refusal } from './status.ts';

export interface GrpcServer {
  readonly port: number;
  /** Takes no new connections and no new calls; done when those under way are. */
  close(): Promise<void>;
  /** Cuts whoever is still connected. */
  cut(): void;
}

export interface GrpcOptions {
  readonly host: string;
  readonly port: number;
  /** PEM; without them in the clear. */
  readonly tls?: { readonly certificate: Buffer; readonly key: Buffer; readonly clients?: Buffer };
}

const settings = { initialWindowSize: 4 * 2 ** 20 };
const connectionWindow = 16 * 2 ** 20;

/**
 * Serves KServe v2 and the standard health check over gRPC, on Node's own HTTP/2: a message on a stream costs a third of
 * what it costs through grpc-js, which writes each by itself and waits for it.
 */
export async function serveGrpc(service: Service, { host, port, tls }: GrpcOptions): Promise<GrpcServer> {
  const server: Http2Server =
    tls === undefined
      ? createServer({ settings })
      : createSecureServer({
          settings,
          cert: tls.certificate,
          key: tls.key,
          ...(tls.clients === undefined ? {} : { ca: tls.clients, requestCert: true, rejectUnauthorized: true }),
        });
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.setLocalWindowSize(connectionWindow);
    endAtTooManyPings(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  const listeners = listenersOf(service);
  server.on('stream', (stream, headers) => {
    const listen = listeners.get(headers[':path'] ?? '') ?? unknown;
    takeCall(stream, headers, listen);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const session of sessions) session.close();
      }),
    cut: () => {
      for (const session of sessions) session.destroy();
    },
  };
}

type Listen = (call: GrpcCall) => GrpcListener;

const nothing = (): void => undefined;

const unknown: Listen = (call) => {
  setImmediate(() => {
    call.end(new Refusal('UNIMPLEMENTED', ''));
  });
  return { message: nothing, halfClosed: nothing, cancelled: nothing };
};

function listenersOf(service: Service): ReadonlyMap<string, Listen> {
  const path = (name: string): string => `/inference.GRPCInferenceService/${name}`;
  return new Map<string, Listen>([
    ...calls.map((name): [string, Listen] => [
      path(name),
      unary((bytes) => {
        const request = attempted(() => decodeMessage(`${name}Request`, bytes));
        return service.call(name, request).then((response) => encodeMessage(`${name}Response`, response));
      }),
    ]),
    [path('ModelInfer'), inferOne(service)],
    [path('ModelStreamInfer'), inferMany(service)],
    // One number goes out, and what comes in does not matter to Triton.
    [
      '/grpc.health.v1.Health/Check',
      unary(() => Promise.resolve(Buffer.from([8, service.health() === 'SERVING' ? 1 : 2]))),
    ],
  ]);
}

function attempted<T>(decode: () => T): T {
  try {
    return decode();
  } catch {
    throw new Refusal('INTERNAL', 'the request is no message of the protocol');
  }
}

function requestIn(bytes: Buffer, refuse: (refusal: Refusal) => void): InferRequest | undefined {
  try {
    return attempted(() => decodeInferRequest(bytes));
  } catch (thrown) {
    refuse(refusalOf(thrown));
    return undefined;
  }
}

const refusalOf = (thrown: unknown): Refusal =>
  thrown instanceof Refusal
    ? thrown
    : new Refusal('INTERNAL', thrown instanceof Error ? thrown.message : 'unknown failure');

/** One message in, one out. */
const unary =
  (answer: (bytes: Buffer) => Promise<Buffer>): Listen =>
  (call) => ({
    message: (bytes) => {
      // As a step of a promise, so that a throw is a refusal too.
      Promise.resolve(bytes)
        .then(answer)
        .then(
          (response) => {
            call.frames.send(response);
            call.end();
          },
          (thrown: unknown) => {
            call.end(refusalOf(thrown));
          },
        );
    },
    halfClosed: nothing,
    cancelled: nothing,
  });

const inferOne =
  (service: Service): Listen =>
  (call) => {
    let cancel = nothing;
    return {
      message: (bytes) => {
        const request = requestIn(bytes, (refusal) => {
          call.end(refusal);
        });
        if (request === undefined) return;
        cancel = service.infer(request, (result) => {
          if (result instanceof Refusal) {
            call.end(result);
            return;
          }
          call.frames.send(...encodeInferResponse(result));
          call.end();
        });
      },
      halfClosed: nothing,
      cancelled: () => {
        cancel();
      },
    };
  };

const inferMany =
  (service: Service): Listen =>
  (call) => {
    const streamCall: StreamCall = {
      header: (name) => {
        const found = call.headers[name];
        return Array.isArray(found) ? found[0] : found;
      },
      write: (response) => {
        call.frames.send(...encodeStreamResponse(response));
      },
      get unsent() {
        return call.unsent;
      },
      pause: () => {
        call.pause();
      },
      resume: () => {
        call.resume();
      },
      end: (refusal) => {
        call.end(refusal);
      },
    };
    const listener = service.stream(streamCall);
    return {
      message: (bytes) => {
        const request = requestIn(bytes, (refusal) => {
          listener.garbled(refusal);
        });
        if (request !== undefined) listener.request(request);
      },
      halfClosed: () => {
        listener.halfClosed();
      },
      cancelled: () => {
        listener.cancelled();
      },
      drained: () => {
        listener.drained();
      },
    };
  };
