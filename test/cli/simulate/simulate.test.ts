import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { makeKey } from '../../../src/api/keys.ts';
import { openClient } from '../../../src/cli/jobs/client.ts';
import { modelsAsked } from '../../../src/cli/simulate/models-asked.ts';
import { runSimulation } from '../../../src/cli/simulate/run-simulation.ts';
import type { Shell } from '../../../src/cli/verb.ts';
import { DownlinkError } from '../../../src/errors.ts';
import { freePorts } from '../../support/free-port.ts';
import { apiUnderTest, keysOf, type ApiUnderTest } from '../../support/api.ts';
import { downlink } from '../command-line.ts';
import { answeringApi, wellAnswered } from '../jobs/answering-api.ts';

let api: ApiUnderTest | undefined;
afterEach(async () => {
  await api?.app.close();
  api = undefined;
});

const never = { untilToldToStop: () => new Promise<never>(() => undefined) };
const simulate = (to: ApiUnderTest, ...args: readonly string[]) =>
  downlink(['simulate', '--url', to.url, '--interval', '1', ...args], never);

/** The table by its first cell. */
const rowsOf = (out: string): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    out
      .split('\n')
      .map((line) => line.split(/ {2,}/))
      .map(([name = '', ...cells]) => [name, cells]),
  );

test('so many jobs are sent, of each model and pattern in turn, and the table says what became of them', async () => {
  const answering = await answeringApi();
  api = answering;
  const { code, out, err } = await simulate(api, '--count', '31', '--min-batch', '3', '--max-batch', '7');
  expect([code, answering.jobs.length]).toEqual([0, 31]);
  const { model: head, lstm, vae, all } = rowsOf(out);
  expect(head).toEqual([
    ...['sent', 'accepted', 'completed', 'failed', 'refused', 'unanswered'],
    ...['P50 ms', 'P95 ms', 'P99 ms', 'jobs/s'],
  ]);
  expect(lstm?.slice(0, 6)).toEqual(['16', '16', '16', '0', '0', '0']);
  expect(vae?.slice(0, 6)).toEqual(['15', '15', '15', '0', '0', '0']);
  expect(all?.slice(0, 6)).toEqual(['31', '31', '31', '0', '0', '0']);
  const [p50 = NaN, p95 = NaN, p99 = NaN, rate = NaN] = all?.slice(6).map(Number) ?? [];
  expect(p50).toBeGreaterThanOrEqual(2);
  expect(p95).toBeGreaterThanOrEqual(p50);
  expect(p99).toBeGreaterThanOrEqual(p95);
  expect(rate).toBeGreaterThan(0);
  expect(err).toMatch(/^31 sent, 31 done, 0 under way, \d+\/s, P95 [\d.]+ ms\n$/);
});

test('the same seed sends the same jobs, another seed others', async () => {
  const jobsOf = async (seed: string) => {
    const answering = await answeringApi();
    api = answering;
    await simulate(api, '--count', '5', '--seed', seed);
    await api.app.close();
    return answering.jobs.map(({ model, data }) => JSON.stringify([model, data])).sort();
  };
  const first = await jobsOf('1');
  expect(await jobsOf('1')).toEqual(first);
  expect(await jobsOf('2')).not.toEqual(first);
});

test('one model and one pattern may be chosen', async () => {
  const answering = await answeringApi();
  api = answering;
  const { code } = await simulate(api, '--count', '4', '--model', 'vae', '--pattern', 'linear');
  expect([code, answering.jobs.map(({ model }) => model)]).toEqual([0, ['vae', 'vae', 'vae', 'vae']]);
});

test('what fails is told with its reason, and the answer is no', async () => {
  api = await answeringApi((job, number) =>
    number % 2 === 0 ? wellAnswered(job) : { status: 'failed', detail: 'too much of it' },
  );
  const { code, out } = await simulate(api, '--count', '10');
  expect([code, rowsOf(out)['all']?.slice(0, 6)]).toEqual([1, ['10', '10', '5', '5', '0', '0']]);
  expect(out).toContain('\n5 failed: failed: too much of it\n');
});

test('where the API is busy a job is sent again with its key, when it was told to, and is one', async () => {
  const written: string[] = [];
  const busy = new DownlinkError('kafka-unavailable', 'away for a moment');
  const given = await answeringApi();
  let tries = 0;
  api = await apiUnderTest({
    log: {
      append: (entry) => {
        if (tries++ < 2) return Promise.reject(busy);
        written.push(entry.id);
        setTimeout(() => api?.complete(entry.id), 2);
        return Promise.resolve();
      },
    },
  });
  await given.app.close();
  const began = performance.now();
  const { code, out } = await simulate(api, '--count', '2', '--min-batch', '2', '--model', 'lstm');
  expect([code, rowsOf(out)['all']?.slice(0, 3)]).toEqual([0, ['2', '2', '2']]);
  expect(new Set(written).size).toBe(2);
  // `Retry-After: 1`
  expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
});

test('every try of a job has the same key, and each job another', async () => {
  const keys: string[] = [];
  const models = { models: [{ name: 'm', task: 'plain', kind: 'm', least: 8, most: 8, max_forecast_steps: null }] };
  const server = createServer((request, response) => {
    const key = request.headers['idempotency-key'];
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/api/v1/models') return answer(200, models);
    if (typeof key !== 'string') return answer(200, { status: 'completed', metrics: {}, predictions: [1] });
    keys.push(key);
    return keys.length < 4 ? answer(503, {}) : answer(202, { job_id: key });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code } = await downlink(['simulate', '--url', url, '--count', '2', '--min-batch', '2'], never);
  server.close();
  server.closeAllConnections();
  expect([code, new Set(keys).size]).toEqual([0, 2]);
  expect(keys.length).toBeGreaterThanOrEqual(5);
});

test('told to stop it sends no more, waits for what is under way, and sums up', async () => {
  api = await answeringApi();
  let stop: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (stop = resolve));
  const drawn: string[] = [];
  const running = downlink(['simulate', '--url', api.url, '--interval', '20', '--min-batch', '2'], {
    untilToldToStop: () => told,
    terminal: true,
    size: () => ({ columns: 40, rows: 20 }),
    err: (text) => {
      drawn.push(text);
      if (drawn.length === 3) stop();
    },
  });
  const { code, out } = await running;
  const { all = [] } = rowsOf(out);
  expect([code, Number(all[0])]).toEqual([0, Number(all[2])]);
  expect(Number(all[0])).toBeGreaterThan(2);
  const lines = drawn.filter((text) => text !== '\n');
  for (const text of lines) expect(text).toMatch(/^\r\d+ sent, .{1,39}\u001b\[K$/);
  expect(drawn.at(-1)).toBe('\n');
});

test('told to stop it waits no longer than it is to for jobs that nobody answers', async () => {
  const answering = await answeringApi(() => undefined);
  api = answering;
  let [out, stop] = ['', (): void => undefined];
  const shell: Shell = {
    out: (text) => (out += text),
    err: () => undefined,
    env: {},
    untilToldToStop: () => new Promise<void>((resolve) => (stop = resolve)),
  };
  const client = openClient(api.url, shell);
  const models = client && (await modelsAsked(client, 'all'));
  if (client === undefined || typeof models !== 'object') throw new Error('no models');
  const running = runSimulation(
    {
      client,
      models,
      pattern: 'all',
      intervalMs: [5, 10],
      batch: [4, 4],
      count: Infinity,
      seed: 1,
      lastResultsMs: 100,
    },
    shell,
  );
  while (answering.jobs.length < 8) await new Promise(setImmediate);
  stop();
  expect(await running).toBe(1);
  const [sent, accepted, completed, , refused, unanswered] = rowsOf(out)['all']?.map(Number) ?? [];
  expect([completed, refused, unanswered]).toEqual([0, 0, sent]);
  expect(accepted).toBeGreaterThanOrEqual(8);
});

test('no more than 500 are under way; who has to wait for that is counted', async () => {
  let most = 0;
  const answering = await answeringApi(() => {
    // All that wait are answered when no more come.
    clearTimeout(timer);
    timer = setTimeout(answerAll, 300);
    return undefined;
  });
  api = answering;
  const answered = new Set<string>();
  const answerAll = (): void => {
    const waiting = answering.jobs.filter(({ id }) => !answered.has(id));
    most = Math.max(most, waiting.length);
    for (const job of waiting) {
      answered.add(job.id);
      answering.finish(job, wellAnswered(job));
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const { code, out, err } = await simulate(api, '--count', '503', '--min-batch', '503', '--model', 'lstm');
  expect([code, most, rowsOf(out)['all']?.[2]]).toEqual([0, 500, '503']);
  expect(err).toMatch(/\nheld back: [123] jobs?; 500 were under way already\n$/);
});

test('a key that may only read is told so by the first answers, job by job', async () => {
  const reader = makeKey('console', ['read']);
  api = await answeringApi(wellAnswered, { keys: keysOf(reader.line) });
  const args = ['simulate', '--url', api.url, '--interval', '1', '--count', '3', '--key-from-env'];
  const { code, out, err } = await downlink(args, { ...never, env: { DOWNLINK_API_KEY: reader.key } });
  expect([code, rowsOf(out)['all']?.slice(0, 6)]).toEqual([1, ['3', '0', '0', '0', '3', '0']]);
  expect(out).toContain('\n3 refused: 403 Not allowed: the key has not the scope submit\n');
  expect(out + err).not.toContain(reader.key);
  expect(await downlink(args, never)).toEqual({
    code: 1,
    out: '',
    err: 'environment: DOWNLINK_API_KEY: missing; set it to a key, `downlink api key` makes one\n',
  });
});

test.each([[[]], [['--check']]])('where nobody answers it says how to start an API: %j', async (more) => {
  const [port = 0] = await freePorts(1);
  const { code, out, err } = await downlink(['simulate', '--url', `http://127.0.0.1:${port}`, ...more], never);
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/nothing answers at .* \(ECONNREFUSED\); start an API with `downlink up`/);
});

test('a model that there is not is told with those that there are', async () => {
  api = await answeringApi();
  const { code, err } = await simulate(api, '--model', 'lstn');
  expect([code, err]).toEqual([1, `--model lstn: ${api.url} has no such model; did you mean \`lstm\`?\n`]);
});

test.each([
  [['--min-batch', '5', '--max-batch', '2'], '--max-batch 2: it is less than --min-batch 5'],
  [['--random-interval', '5'], 'It is written like 100:2000'],
  [['--random-interval', '5:2'], 'It is written like 100:2000'],
  [['--random-interval', '5:9', '--interval', '3'], "cannot be used with option '--interval <ms>'"],
  [['--count', '1.5'], 'It must be a whole number above 0.'],
  [['--check', '--count', '3'], "cannot be used with option '--count <n>'"],
])('a wrong command line is refused: %j', async (args, says) => {
  const { code, err } = await downlink(['simulate', ...args], never);
  expect([code, err]).toEqual([2, expect.stringContaining(says)]);
});
