import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

export interface TelemetryOptions {
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly readiness: Pick<Readiness, 'reasons'>;
  readonly host: string;
  /** 0 takes one that is free. */
  readonly port: number;
}

export interface TelemetryServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What a machine asks of this process: /metrics, /live (it answers) and /ready (every lane that it has is at work). */
export async function startTelemetry(options: TelemetryOptions): Promise<TelemetryServer> {
  const { host, port } = options;
  const server = createServer((request, response) => {
    answer(options, request, response).catch((thrown: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(thrown));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  { metrics, readiness }: TelemetryOptions,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, type: string, body: string, headers: Readonly<Record<string, string>> = {}): void => {
    const length = Buffer.byteLength(body);
    response.writeHead(status, { ...headers, 'content-type': type, 'content-length': length });
    response.end(method === 'HEAD' ? undefined : body);
  };
  const json = (status: number, body: object, headers?: Readonly<Record<string, string>>): void => {
    send(status, 'application/json', `${JSON.stringify(body)}\n`, headers);
  };
  if (method !== 'GET' && method !== 'HEAD') return json(405, { error: 'only GET' }, { allow: 'GET, HEAD' });
  switch (url?.split('?')[0]) {
    case '/metrics':
      return send(200, metrics.contentType, await metrics.text());
    case '/live':
      return json(200, { live: true });
    case '/ready': {
      const reasons = readiness.reasons();
      return reasons.length === 0 ? json(200, { ready: true }) : json(503, { ready: false, reasons });
    }
    default:
      return json(404, { error: 'there are /metrics, /live and /ready' });
  }
}
