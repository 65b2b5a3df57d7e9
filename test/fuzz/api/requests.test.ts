import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { series, apiUnderTest, type ApiUnderTest } from '../../support/api.ts';
import { heapUsed } from '../../support/heap-used.ts';
import { seeded, seedOfRun } from '../../support/random.ts';
import { hostileRequest } from './hostile-request.ts';
import { exchange, type Exchange, type RawAnswer } from './raw-http.ts';

const count = Number(process.env['DOWNLINK_TEST_REQUESTS'] ?? 10_000);
const connections = 24;
/** Whoever waits so long waits for the rest of what was announced. */
const patienceMs = 100;

let api: ApiUnderTest;
let stages: NodeJS.Timeout;
beforeAll(async () => {
  api = await apiUnderTest();
  // Jobs are answered, as a stage would: who takes one back is told soon.
  let done = 0;
  stages = setInterval(() => {
    for (const entry of api.written.slice(done)) if ('data' in entry) api.complete(entry.id, { model: entry.model });
    done = api.written.length;
  }, 5);
});
afterAll(async () => {
  clearInterval(stages);
  await api.app.close();
});

const json = (payload: object): Buffer => Buffer.from(JSON.stringify(payload));
const request = (line: string, body: Buffer = Buffer.alloc(0), more = ''): Buffer => {
  const type = body.length === 0 ? '' : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  return Buffer.concat([
    Buffer.from(`${line} HTTP/1.1\r\nhost: 127.0.0.1\r\n${type}${more}connection: close\r\n\r\n`),
    body,
  ]);
};
const good: readonly (readonly [status: number, bytes: Buffer])[] = [
  [200, request('GET /api/v1/models')],
  [200, request('GET /api/smap/entity/A-2/overview?points=10')],
  [200, request('GET /api/v1/inference/results?limit=2&status=completed')],
  [202, request('POST /api/v1/inference/submit', json({ model_name: 'lstm', data: series }))],
  [202, request('POST /api/v1/inference/submit', json({ model_name: 'vae', data: [...series, 1e-400, -0, 1e300] }))],
];
/** Behind each, to see whether the connection is still good for something. */
const question = request('GET /api/v1/models');

/**
 * What Node answers itself, before the API hears of it, has no body: a request without a host, or with an expectation that
 * nobody meets.
 */
const isNodes = ({ status, headers, body }: RawAnswer): boolean =>
  [400, 417].includes(status) && !headers.has('x-request-id') && body.length === 0;

function wrongWith(answer: RawAnswer, isHead: boolean): string | undefined {
  const { status, headers, body } = answer;
  const type = headers.get('content-type') ?? '';
  if (status === 101 || (status === 204 && headers.has('access-control-allow-methods'))) return undefined;
  if (status === 503 && type === 'application/json; charset=utf-8') return undefined;
  if (status >= 500) return `${status} ${body.toString()}`;
  if (isNodes(answer)) return undefined;
  if (status < 300) return isHead || isJson(body) ? undefined : 'no JSON';
  if (type !== 'application/problem+json') return `${status} as ${type}: ${body.toString().slice(0, 100)}`;
  if (isHead) return undefined;
  const problem = isJson(body) ? (JSON.parse(body.toString()) as Record<string, unknown>) : {};
  const isOne = problem['type'] === 'about:blank' && problem['status'] === status && problem['title'] !== 'Error';
  if (!isOne || typeof problem['detail'] !== 'string') return `${status} ${body.toString().slice(0, 100)}`;
  return body.length < 50_000 ? undefined : `${body.length} bytes of problem`;
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
}

/** Of a job that was written, whatever it was asked with. */
function isRight(entry: ApiUnderTest['written'][number]): boolean {
  if ('cancelled_at' in entry) return api.written.some((other) => 'data' in other && other.id === entry.id);
  const { id, model, data, forecast_steps: steps } = entry;
  const isForecast = model === 'lstm' && steps !== null && Number.isInteger(steps) && steps >= 1 && steps <= 64;
  const isSeries = data.length >= 8 && data.length <= 512 && data.every((one) => Number.isFinite(one));
  return /^[0-9a-f-]{36}$/.test(id) && isSeries && (isForecast || (model === 'vae' && steps === null));
}

test(`${count} hostile requests are each answered in order or end their connection, and good ones never notice`, async () => {
  const random = seeded(seedOfRun());
  const { port } = new URL(api.url);
  const outcomes = new Map<string, number>();
  const wrong: string[] = [];
  const tell = (what: string) => outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  const say = (what: string, bytes: Buffer) =>
    wrong.push(`${what} <- ${JSON.stringify(bytes.toString('latin1').slice(0, 400))}`);
  let sent = 0;
  let heapBefore = 0;

  const sendGood = async (): Promise<void> => {
    const [status, bytes] = good[Math.floor(random() * good.length)] ?? [0, question];
    const { answers } = await exchange(Number(port), bytes, false, 5_000);
    if (answers.map((one) => one.status).join() !== `${status}`) say(`good: ${answers[0]?.status}`, bytes);
  };
  const sendHostile = async (): Promise<void> => {
    const known = api.written.slice(-3).map(({ id }) => id);
    const { bytes, isHead } = hostileRequest(random, known);
    const { answers, end, rest }: Exchange = await exchange(
      Number(port),
      Buffer.concat([bytes, question]),
      isHead,
      patienceMs,
    );
    tell(answers.length > 0 ? `${answers[0]?.status ?? ''}` : end);
    for (const [at, answer] of answers.entries()) {
      const what = wrongWith(answer, isHead && at === 0);
      if (what !== undefined) say(what, bytes);
    }
    if (end === 'closed' && rest.length > 0) say(`rest ${rest.toString('latin1', 0, 200)}`, bytes);
  };
  const work = async (): Promise<void> => {
    while (sent < count) {
      sent += 1;
      if (sent === Math.floor(count / 4)) heapBefore = heapUsed();
      await (sent % 10 === 0 ? sendGood() : sendHostile());
    }
  };
  await Promise.all(Array.from({ length: connections }, work));

  process.stderr.write(`${JSON.stringify(Object.fromEntries([...outcomes].sort()))}, ${api.written.length} written\n`);
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(api.written.filter((entry) => !isRight(entry)).slice(0, 3)).toEqual([]);
  // Requests that all fail at the first byte, or all get through, would prove nothing.
  for (const status of ['200', '202', '400', '404', '415', '422'])
    expect(outcomes.get(status)).toBeGreaterThan(count / 500);
  // What is kept of the jobs, and no more.
  expect(heapUsed() - heapBefore).toBeLessThan(30_000_000 + 5_000 * api.written.length);
  expect(
    (await api.ask('POST', '/api/v1/inference/submit', { payload: { model_name: 'lstm', data: series } })).status,
  ).toBe(202);
}, 120_000);
