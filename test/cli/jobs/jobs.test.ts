import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { makeKey } from '../../../src/api/keys.ts';
import { freePorts } from '../../support/free-port.ts';
import { apiUnderTest, keysOf, series, type ApiUnderTest } from '../../support/api.ts';
import { downlink } from '../command-line.ts';
import { answeringApi } from './answering-api.ts';

let api: ApiUnderTest | undefined;
const folder = mkdtempSync(join(tmpdir(), 'downlink-jobs-verb-'));
afterEach(async () => {
  await api?.app.close();
  api = undefined;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const other = '2c0e4c1e-7f0b-4d9b-9a3c-5f4d3b2a1908';

async function submit(to: ApiUnderTest, model = 'lstm', headers: Readonly<Record<string, string>> = {}) {
  const payload = { model_name: model, data: series };
  const { body } = await to.ask('POST', '/api/v1/inference/submit', { payload, headers });
  return (body as { job_id: string }).job_id;
}

const jobs = (to: ApiUnderTest, ...args: readonly string[]) => downlink(['jobs', ...args, '--url', to.url]);

test('jobs that are done are listed, the newest first, as many and of what is asked for', async () => {
  api = await apiUnderTest();
  const at = Date.now() - 60_000;
  const time = (number: number): string => new Date(at + 1000 * number).toISOString();
  const ids = ['a', 'b', 'c'].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`);
  for (const [number, id] of ids.entries()) {
    api.feed(
      {
        ...{ id, owner: '', model: number === 1 ? 'vae' : 'lstm', model_version: '1', detail: null },
        ...{ status: number === 2 ? 'failed' : 'completed', predictions: [1], lower: [], upper: [], scores: [] },
        ...{ anomaly_score: null, anomaly_detected: null, submitted_at: at + 1000 * number },
        ...{ inference_ms: 5, batch_size: 3 },
      },
      at + 1000 * number + 42,
    );
  }
  expect(await jobs(api, 'ls')).toEqual({
    code: 0,
    err: '',
    out:
      'job                                   model  status     submitted                 total ms  batch\n' +
      `${ids[2] ?? ''}  lstm   failed     ${time(2)}  42        3\n` +
      `${ids[1] ?? ''}  vae    completed  ${time(1)}  42        3\n` +
      `${ids[0] ?? ''}  lstm   completed  ${time(0)}  42        3\n`,
  });
  const idsIn = ({ out }: { out: string }) =>
    out
      .match(/^[a-c]{8}/gm)
      ?.map((id) => id.slice(0, 1))
      .join('');
  expect(idsIn(await jobs(api, 'ls', '--status', 'failed'))).toBe('c');
  expect(idsIn(await jobs(api, 'ls', '--model', 'lstm', '--limit', '1'))).toBe('c');
  const lines = (await jobs(api, 'ls', '--json')).out.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { job_id: string }).job_id)).toEqual([...ids].reverse());
});

test('more than a page are listed page by page', async () => {
  api = await apiUnderTest();
  const all = Array.from({ length: 1_100 }, (_, number) => `00000000-0000-4000-8000-${`${number}`.padStart(12, '0')}`);
  for (const [number, id] of all.entries())
    api.feed({
      ...{ id, owner: '', model: 'lstm', model_version: '1', detail: null, status: 'completed', predictions: [] },
      ...{ lower: [], upper: [], scores: [], anomaly_score: null, anomaly_detected: null },
      ...{ submitted_at: Date.now() + number, inference_ms: 5, batch_size: 3 },
    });
  const { out } = await jobs(api, 'ls', '--limit', '1050', '--json');
  const found = out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { job_id: string }).job_id);
  expect(found).toEqual([...all].reverse().slice(0, 1_050));
});

test('a job is shown with all that is known, its forecast drawn', async () => {
  api = await apiUnderTest();
  const id = await submit(api);
  const queued = await jobs(api, 'show', id);
  expect([queued.code, queued.out]).toEqual([0, expect.stringMatching(/^status +queued$/m)]);
  expect(queued.out).not.toContain('forecast');
  api.complete(id, { predictions: [1, 2, 3, 8], lower: [0, 1, 2, 7], upper: [2, 3, 4, 9] });
  const { code, out } = await jobs(api, 'show', id);
  expect(code).toBe(0);
  expect(out).toMatch(
    new RegExp(`^job +${id}\nstatus +completed\nmodel +lstm 1\nsubmitted +2.*Z\nfinished +2.*Z\ntotal +`),
  );
  expect(out).toContain('3 jobs in one call\n');
  expect(out).toContain(
    '\na forecast of 4 steps, from 0 (▁) to 9 (█)\n' +
      'upper       ▂▃▄█  2 .. 9\nprediction  ▁▂▃█  1 .. 8\nlower       ▁▁▂▇  0 .. 7\n',
  );
  const shown = JSON.parse((await jobs(api, 'show', id, '--json')).out) as object;
  expect(shown).toMatchObject({
    job_id: id,
    retry_of: null,
    predictions: [1, 2, 3, 8],
    interval: { lower: [0, 1, 2, 7] },
  });
});

test('scores are drawn so that what stands out stays, however long the series is', async () => {
  const scores = Array.from({ length: 512 }, (_, at) => (at === 300 ? 9 : 0.5));
  api = await answeringApi(() => ({ predictions: scores, scores, anomaly_score: 9, anomaly_detected: true }));
  const id = await submit(api, 'vae');
  await api.ask('GET', `/api/v1/inference/result/${id}?wait=5`);
  const { out } = await jobs(api, 'show', id);
  expect(out).toMatch(/^anomaly +the largest score is 9, which is one$/m);
  expect(out).toMatch(/^score +▁{37}█▁{26} {2}0\.5 \.\. 0\.5$/m);
});

test('a failed job says why', async () => {
  api = await answeringApi(() => ({ status: 'failed', detail: 'the model refused it' }));
  const id = await submit(api);
  await api.ask('GET', `/api/v1/inference/result/${id}?wait=5`);
  expect((await jobs(api, 'show', id)).out).toMatch(/^because +the model refused it$/m);
});

test('a job is cancelled, or it was too late and what it became is said', async () => {
  api = await apiUnderTest();
  const [one, two, three] = [await submit(api), await submit(api), await submit(api)];
  const asked = jobs(api, 'cancel', one);
  while (api.written.length < 4) await new Promise(setImmediate);
  api.complete(one, { status: 'cancelled', predictions: [], lower: [], upper: [] });
  expect(await asked).toEqual({ code: 0, out: `${one} is cancelled\n`, err: '' });
  api.complete(two);
  const late = await jobs(api, 'cancel', two);
  expect([late.code, late.err]).toEqual([1, '']);
  expect(late.out).toMatch(new RegExp(`^${two} was too late to cancel: it is completed since 2.*Z\n$`));
  api.complete(three, { status: 'failed', detail: 'the model refused it' });
  expect((await jobs(api, 'cancel', three)).out).toMatch(/it is failed since 2.*Z, because the model refused it\n$/);
});

test('one that somebody works on is waited for until it is known what it became', async () => {
  api = await apiUnderTest();
  const id = await submit(api);
  const asked = jobs(api, 'cancel', id, '--json');
  while (api.written.length < 2) await new Promise(setImmediate);
  // Behind the moment that the API itself waits.
  await delay(2_200);
  api.complete(id);
  const { code, out } = await asked;
  expect([code, JSON.parse(out)]).toEqual([1, expect.objectContaining({ job_id: id, status: 'completed' })]);
});

test('a job is done again with its own series only, from a file of numbers or of what was submitted', async () => {
  api = await apiUnderTest();
  const id = await submit(api);
  const file = join(mkdtempSync(`${folder}-`), 'series.json');
  for (const text of [JSON.stringify(series), JSON.stringify({ model_name: 'lstm', data: series })]) {
    writeFileSync(file, text);
    const { code, out } = await jobs(api, 'retry', id, '--data', file);
    const again = api.written.at(-1);
    expect([code, out]).toEqual([0, expect.stringMatching(`^${again?.id ?? ''} does ${id} again; `)]);
    expect(again).toMatchObject({ retry_of: id, data: series });
  }
  writeFileSync(file, '[1,2,3,4,5,6,7,8]');
  const before = api.written.length;
  const { code, err } = await jobs(api, 'retry', id, '--data', file);
  expect([code, err]).toEqual([
    1,
    expect.stringContaining('409, Conflict: this is not the series of that job\n  data: is another one\n'),
  ]);
  expect(api.written).toHaveLength(before);
  rmSync(join(file, '..'), { recursive: true });
});

test.each([
  ['[1, "2"]', '[1] is "2", and no number'],
  ['{"series": [1]}', 'it holds no series; write [1.2, 2.3, ...] or {"data": [...]}'],
  ['1, 2', 'it cannot be read (Unexpected'],
  [undefined, 'it cannot be read (ENOENT)'],
])('data that is no series is refused before anything is asked: %s', async (text, says) => {
  const file = join(mkdtempSync(`${folder}-`), 'series.json');
  if (text !== undefined) writeFileSync(file, text);
  const { code, err } = await downlink(['jobs', 'retry', other, '--data', file]);
  expect([code, err]).toEqual([1, expect.stringContaining(`telemetry-unusable: --data ${file}: ${says}`)]);
  rmSync(join(file, '..'), { recursive: true });
});

test('who has no key, one that is not known, or one that may not, is told what to do', async () => {
  const [reader, writer] = [makeKey('console', ['read']), makeKey('loader', ['submit', 'read'])];
  api = await apiUnderTest({ keys: keysOf(`${reader.line}\n${writer.line}`) });
  const id = await submit(api, 'lstm', { authorization: `Bearer ${writer.key}` });
  const { url } = api;
  const withKey = (key: string, ...args: readonly string[]) =>
    downlink(['jobs', ...args, '--url', url], { env: key === '' ? {} : { DOWNLINK_API_KEY: key } });
  expect((await withKey('', 'ls')).err).toBe(
    `downlink: ${url} answers 401, Not authenticated: a key is needed, in \`Authorization: Bearer …\`\n` +
      'Set DOWNLINK_API_KEY to a key that it knows; `downlink api key` makes one.\n',
  );
  expect((await withKey('dl_wrong', 'ls')).err).toContain('The key in DOWNLINK_API_KEY is not known there');
  const refused = await withKey(reader.key, 'cancel', id);
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining('403, Not allowed: the key has not the scope submit'),
  ]);
  expect((await withKey(reader.key, 'show', id)).err).toContain(
    '404, Not found: there is no such job\nJobs of other owners',
  );
  const shown = await withKey(writer.key, 'show', id);
  expect([shown.code, shown.err]).toEqual([0, '']);
  for (const { out, err } of [refused, shown])
    for (const { key } of [reader, writer]) expect(out + err).not.toContain(key);
});

test('where nobody answers it says how to start an API, and where somebody else does, that', async () => {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  expect(await downlink(['jobs', 'show', other, '--url', url])).toEqual({
    code: 1,
    out: '',
    err: `downlink: nothing answers at ${url} (ECONNREFUSED); start an API with \`downlink up\` or \`downlink api\`, or say with --url where it is\n`,
  });
  api = await apiUnderTest();
  api.app.server.removeAllListeners('request');
  api.app.server.on('request', (_, response: { end: (text: string) => void }) => response.end('hello'));
  expect((await jobs(api, 'ls')).err).toContain('answers 200, but not as an API of downlink does');
});

test.each([
  [['ls', '--url', 'ftp://x'], 'An address is like http://127.0.0.1:8080.'],
  [['ls', '--url', 'http://me:hunter2@x'], 'a key goes into DOWNLINK_API_KEY'],
  [['show', 'x'], "A job's id is like"],
  [['ls', '--limit', '0'], 'It must be a whole number above 0.'],
  [['retry', other], "'--data <file>' not specified"],
])('a wrong command line is refused: %j', async (args, says) => {
  const { code, err } = await downlink(['jobs', ...args]);
  expect([code, err]).toEqual([2, expect.stringContaining(says)]);
});

test('a key with a space in it is refused by name, and not shown', async () => {
  const { code, err } = await downlink(['jobs', 'ls'], { env: { DOWNLINK_API_KEY: 'Bearer hunter2' } });
  expect([code, err]).toEqual([1, expect.stringContaining('DOWNLINK_API_KEY: is no key; ')]);
  expect(err).not.toContain('hunter2');
});
