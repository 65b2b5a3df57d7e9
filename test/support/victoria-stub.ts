import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** What it does with a request: a status, or worse. */
export type Behaviour =
  | { readonly status: number; readonly text?: string; readonly headers?: Readonly<Record<string, string>> }
  /** The body is taken, and the connection breaks before the answer. */
  | 'reset after write'
  | 'no answer';

export interface VictoriaStub {
  readonly url: string;
  /** The lines of each import that was taken, as they came. */
  readonly imports: readonly Import[];
  /** All requests to import, also those that were not taken. */
  readonly asked: number;
  /** Requests for /metrics. */
  readonly looks: number;
  /** For the next imports, one each; then all is well. */
  behave(...behaviours: readonly Behaviour[]): void;
  /** What its /metrics says of when it started and how it was. */
  metrics: { started: number; text?: string; status?: number };
  close(): Promise<void>;
}

export interface Import {
  readonly lines: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values: readonly number[];
    readonly timestamps: readonly number[];
  }[];
  readonly encoding: string | undefined;
  readonly connection: unknown;
}

/** A VictoriaMetrics on loopback that takes everything, and misbehaves as it is told. */
export async function startVictoriaStub(port = 0): Promise<VictoriaStub> {
  const imports: Import[] = [];
  const behaviours: Behaviour[] = [];
  let [asked, looks] = [0, 0];
  const metrics: VictoriaStub['metrics'] = { started: 1_700_000_000 };

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    asked += 1;
    const behaviour = behaviours.shift() ?? { status: 204 };
    if (behaviour === 'no answer') return;
    if (behaviour !== 'reset after write' && behaviour.status !== 204) {
      response.writeHead(behaviour.status, behaviour.headers).end(behaviour.text ?? '');
      return;
    }
    const encoding = request.headers['content-encoding'];
    const text = (encoding === 'gzip' ? gunzipSync(body) : body).toString();
    const lines = text.split('\n').filter((line) => line !== '');
    imports.push({
      lines: lines.map((line) => JSON.parse(line) as Import['lines'][number]),
      encoding,
      connection: request.socket,
    });
    if (behaviour === 'reset after write') request.socket.resetAndDestroy();
    else response.writeHead(204).end();
  };
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      looks += 1;
      const { started, status = 200, text = victoriaMetrics(started) } = metrics;
      response.writeHead(status).end(text);
      return;
    }
    take(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    imports,
    metrics,
    get asked() {
      return asked;
    },
    get looks() {
      return looks;
    },
    behave: (...next) => {
      behaviours.push(...next);
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

export const victoriaMetrics = (
  started: number,
  { retention = '100y', deduplication = '1ms', uptime = 60 } = {},
): string =>
  `vm_rows_ignored_total{reason="small_timestamp"} 0
vm_app_version{version="v1.2.3", short_version="v1.2.3"} 1
vm_app_start_timestamp ${started}
vm_app_uptime_seconds ${uptime}
flag{name="dedup.minScrapeInterval", value="${deduplication}", is_set="true"} 1
flag{name="retentionPeriod", value="${retention}", is_set="true"} 1
`;
