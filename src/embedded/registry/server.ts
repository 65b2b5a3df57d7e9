import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SchemaLog } from '../../contract/schema-log.ts';
import { classify } from '../../errors.ts';
import type { Answer } from './call.ts';
import { Refusal, refuse } from './refusal.ts';
import { openRegistry, type Registry } from './registry.ts';
import { findRoute } from './routes.ts';

export interface RunningRegistry {
  readonly url: string;
  /** Lets the requests that have come be answered first. */
  close(): Promise<void>;
}

export interface RegistryOptions {
  readonly log: SchemaLog;
  readonly host?: string;
  /** 0, or absent: one that is free. */
  readonly port?: number;
}

/** As much as fits in one record of Confluent's `_schemas` topic. */
const mostBytes = 1024 * 1024;

export async function startRegistry({ log, host = '127.0.0.1', port = 0 }: RegistryOptions): Promise<RunningRegistry> {
  const registry = await openRegistry(log);
  const server = createServer((request, response) => {
    answer(registry, request).then(
      (found) => {
        send(response, 200, 'text' in found ? found.text : JSON.stringify(found.json));
      },
      (error: unknown) => {
        const { status, code, message } = error instanceof Refusal ? error : refuse.internal(classify(error).detail);
        send(response, status, JSON.stringify({ error_code: code, message }));
      },
    );
  });
  const bound = await listen(server, host, port);
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${name}:${bound}`, close: () => close(server) };
}

async function answer(registry: Registry, request: IncomingMessage): Promise<Answer> {
  const [path = '', query = ''] = (request.url ?? '/').split('?', 2);
  const { handler, path: values } = findRoute(request.method ?? 'GET', path);
  const body = parse(await readBody(request));
  return handler({ registry, query: new URLSearchParams(query), body }, ...values);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to its end all the same: a client that still writes when it is refused sees a broken connection and no reason.
    if (size <= mostBytes) chunks.push(chunk);
  }
  if (size > mostBytes) throw refuse.tooLarge();
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse.badRequest(`The request is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, {
    'content-type': 'application/vnd.schemaregistry.v1+json',
    'content-length': body.length,
  });
  response.end(body);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
    server.closeIdleConnections();
  });
}
