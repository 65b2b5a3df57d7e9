import { once } from 'node:events';
import { connect, createSecureServer, type IncomingHttpHeaders, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Certified } from './authority.ts';

export interface TlsFrontOptions {
  /** host:port of the server that it stands before, which speaks in the clear. */
  readonly behind: string;
  readonly own: Certified;
  /** The authority of the certificates that callers must show. */
  readonly callers?: string;
  readonly port?: number;
}

export interface TlsFront {
  readonly port: number;
  readonly address: string;
  /** The headers of the last call of each kind, by its name in the protocol. */
  readonly calls: ReadonlyMap<string, IncomingHttpHeaders>;
  /** From now on calls without this are answered UNAUTHENTICATED. */
  demand(authorization: string): void;
  /** Ends every connection. */
  cut(): void;
  close(): Promise<void>;
}

const grpc = { 'content-type': 'application/grpc' };

/** What stands before inference servers in a company: ends TLS, asks who calls, and passes HTTP/2 on. */
export async function startTlsFront({ behind, own, callers, port = 0 }: TlsFrontOptions): Promise<TlsFront> {
  const calls = new Map<string, IncomingHttpHeaders>();
  let demanded: string | undefined;
  const server = createSecureServer({
    cert: own.certificate,
    key: own.key,
    ...(callers === undefined ? {} : { ca: callers, requestCert: true }),
  });
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
  });
  const inside = connect(`http://${behind}`);
  inside.on('error', () => undefined);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const path = headers[':path'] ?? '';
    calls.set(path.slice(path.lastIndexOf('/') + 1), headers);
    if (demanded !== undefined && headers.authorization !== demanded) {
      stream.respond({ ...grpc, 'grpc-status': 16, 'grpc-message': 'who are you?' }, { endStream: true });
      return;
    }
    const passed = inside.request({ ':method': 'POST', ':path': path, te: 'trailers', ...grpc });
    let trailers: IncomingHttpHeaders = {};
    passed.on('error', () => stream.destroy());
    passed.on('response', () => {
      stream.respond(grpc, { waitForTrailers: true });
    });
    passed.on('trailers', (found: IncomingHttpHeaders) => (trailers = found));
    stream.on('wantTrailers', () => {
      stream.sendTrailers(trailers);
    });
    passed.pipe(stream).pipe(passed);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const session of sessions) session.destroy();
  };
  const taken = (server.address() as AddressInfo).port;
  return {
    port: taken,
    address: `127.0.0.1:${taken}`,
    calls,
    demand: (authorization) => {
      demanded = authorization;
    },
    cut,
    close: async () => {
      inside.destroy();
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
