import { request as httpRequest } from 'node:http';
import { differences } from './compare.ts';
import type { Answered, Asked, Conversation } from './conversations.ts';
import type { ServerProcess } from './server-process.ts';

interface HttpCame {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Keeps header names as they are: fetch would not. */
export function http(
  address: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<HttpCame> {
  return new Promise((resolve, reject) => {
    const [host, port] = address.split(':');
    const request = httpRequest(
      { host, port, method, path, headers: { ...headers, 'Content-Length': body.length }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { rawHeaders } = response;
          const found = rawHeaders.flatMap((name, index) =>
            index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
          );
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(found),
            body: Buffer.concat(chunks),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function bodyOf({ body, body_text: text, body_json: json, body_binary_hex: hex, headers }: Asked): Buffer {
  if (json !== undefined) {
    const wanted = Number(headers?.['Inference-Header-Content-Length'] ?? 0);
    // The recording has the JSON without the blanks that it was sent with.
    const head = Buffer.from(JSON.stringify(json)).toString().padEnd(wanted, ' ');
    return Buffer.concat([Buffer.from(head), Buffer.from(hex ?? '', 'hex')]);
  }
  if (text !== undefined) return Buffer.from(text);
  return body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
}

/** `onlyKnown`: models of the recording that this repository does not have. */
const unknownModels = new Set(['gru', 'gru1', 'slow']);

function answeredOf({ status, headers, body }: HttpCame, expected: Answered): Answered {
  const text = body.toString('utf8');
  const parse = (json: string): unknown => {
    try {
      return JSON.parse(json);
    } catch {
      return json;
    }
  };
  if (expected.body_json === undefined) return { status, headers, body: parse(text), body_text: text };
  const length = Number(headers['Inference-Header-Content-Length'] ?? 0);
  return {
    status,
    headers,
    body_json: parse(body.subarray(0, length).toString('utf8')),
    body_binary_hex: body.subarray(length).toString('hex'),
  };
}

export async function replayHttp(
  server: ServerProcess,
  { requests, responses }: Conversation,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [index, asked] of requests.entries()) {
    const expected = responses[index];
    if (expected === null || expected === undefined) continue;
    const came = await http(server.http, asked.method ?? 'GET', asked.path ?? '/', asked.headers ?? {}, bodyOf(asked));
    const wanted = Array.isArray(expected.body)
      ? { ...expected, body: (expected.body as { name: string }[]).filter(({ name }) => !unknownModels.has(name)) }
      : expected;
    found.push(
      ...differences(wanted, answeredOf(came, expected)).map((text) => `#${index} ${asked.path ?? ''} ${text}`),
    );
  }
  return found;
}

/** Names, labels and counts; durations are what they are. */
export async function replayMetrics(server: ServerProcess, { responses }: Conversation): Promise<readonly string[]> {
  const recorded = responses[0] as unknown as { lines_for_model_acc: string[]; all_metric_names_and_types: string[] };
  const { body } = await http(server.metrics, 'GET', '/metrics', {}, Buffer.alloc(0));
  const lines = body.toString('utf8').split('\n');
  const missingLines = recorded.lines_for_model_acc.filter((line) => {
    const name = line.slice(0, line.lastIndexOf(' '));
    return !lines.some((one) => (line.includes('_duration_us') ? one.startsWith(`${name} `) : one === line));
  });
  const missingTypes = recorded.all_metric_names_and_types.filter((type) => !lines.includes(`# TYPE ${type}`));
  return [...missingLines, ...missingTypes].map(
    (line) =>
      `missing: ${line}; there is ${lines.filter((one) => one.startsWith(line.split('{')[0] ?? '')).join(' | ')}`,
  );
}
