import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { Refusal } from '../../../kserve/status.ts';

export interface HttpRequest {
  readonly method: string;
  /** Without what comes after a question mark. */
  readonly path: string;
  readonly header: (name: string) => string | undefined;
  /** Unpacked. */
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: readonly Uint8Array[];
}

/** `gone` is called when the client gives up. */
export type Route = (request: HttpRequest, gone: (then: () => void) => void) => Promise<HttpAnswer>;

export interface HttpServer {
  readonly port: number;
  /** Listens no more, and cuts whoever is connected. */
  end(): void;
}

const mostBytes = 256 * 2 ** 20;
const unpackers = { gzip: promisify(gunzip), deflate: promisify(inflate) };

export const textAnswer = (status: number, text: string, type = 'text/plain'): HttpAnswer => ({
  status,
  headers: { 'Content-Type': type },
  body: text === '' ? [] : [Buffer.from(text)],
});

export const errorAnswer = (status: number, error: string, type = 'application/json'): HttpAnswer =>
  textAnswer(status, JSON.stringify({ error }), type);

export async function serveHttp(
  route: Route,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = createServer((incoming, outgoing) => {
    const then: (() => void)[] = [];
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) for (const call of then) call();
    });
    answer(route, incoming, (call) => then.push(call)).then(
      ({ status, headers, body }) => {
        const length = body.reduce((sum, part) => sum + part.length, 0);
        outgoing.writeHead(status, { ...headers, 'Content-Length': length });
        for (const part of body) outgoing.write(part);
        outgoing.end();
      },
      // The request did not come to its end: nobody is there to be answered.
      () => {
        outgoing.destroy();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    end: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(route: Route, incoming: IncomingMessage, gone: (then: () => void) => void): Promise<HttpAnswer> {
  const sent = await readBody(incoming);
  try {
    const header = (name: string): string | undefined => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    if (sent === undefined) return errorAnswer(400, `the request is larger than ${mostBytes} bytes`);
    const body = await unpack(sent, header('content-encoding'));
    const [path = '/'] = (incoming.url ?? '/').split('?', 1);
    return await route({ method: incoming.method ?? 'GET', path, header, body }, gone);
  } catch (thrown) {
    return refusalAnswer(thrown);
  }
}

const codes: Readonly<Record<string, number>> = {
  NOT_FOUND: 404,
  UNAVAILABLE: 503,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
};

export function refusalAnswer(thrown: unknown, type?: string): HttpAnswer {
  if (thrown instanceof Refusal) return errorAnswer(codes[thrown.status] ?? 400, thrown.message, type);
  return errorAnswer(500, thrown instanceof Error ? thrown.message : String(thrown), type);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= mostBytes) chunks.push(chunk);
  }
  return size > mostBytes ? undefined : Buffer.concat(chunks);
}

async function unpack(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity' || body.length === 0) return body;
  if (encoding !== 'gzip' && encoding !== 'deflate')
    throw new Refusal('INVALID_ARGUMENT', `Content-Encoding ${encoding} is not supported`);
  try {
    return await unpackers[encoding](body, { maxOutputLength: mostBytes });
  } catch {
    throw new Refusal('INVALID_ARGUMENT', 'the request body can not be unpacked');
  }
}
