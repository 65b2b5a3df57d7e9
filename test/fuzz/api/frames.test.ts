import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { apiUnderTest, series, type ApiUnderTest } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { heapUsed } from '../../support/heap-used.ts';
import { seeded, seedOfRun } from '../../support/random.ts';
import { hostileFrame } from './hostile-frame.ts';
import { openRawSocket, type RawSocket } from './raw-socket.ts';

const count = Number(process.env['DOWNLINK_TEST_FRAMES'] ?? 10_000);
const connections = 16;
/** Whoever waits so long waits for the rest of what was announced. */
/** For what may be half a frame; a whole message is answered, however busy the machine is. */
const [patienceMs, answerWithinMs] = [100, 10_000];

let api: ApiUnderTest;
let other: WebSocket | undefined;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(async () => {
  other?.terminate();
  await api.app.close();
});

type Message = Readonly<Record<string, unknown>>;

/** One that does all as it should, beside the others. */
async function subscriber() {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws`);
  other = socket;
  const heard: Message[] = [];
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as Message));
  await once(socket, 'open');
  socket.send('{"type":"subscribe","jobs":"all"}');
  await eventually('it is subscribed', () => heard.length > 0);
  return { socket, jobs: () => heard.filter(({ type }) => type === 'job').map(({ job_id }) => job_id) };
}

async function submitAndComplete(): Promise<string> {
  const payload = { model_name: 'lstm', data: series };
  const { job_id: id } = (await api.ask('POST', '/api/v1/inference/submit', { payload })).body as { job_id: string };
  api.complete(id);
  return id;
}

/** What RFC 6455 and its registry know, and a server may say. */
const codes: readonly (number | undefined)[] = [1000, 1001, 1002, 1003, 1005, 1007, 1008, 1009, 3000];

test(`${count} hostile frames are each answered or end their connection, and others go on hearing`, async () => {
  const random = seeded(seedOfRun());
  const port = Number(new URL(api.url).port);
  const { socket, jobs } = await subscriber();
  const submitted: string[] = [];
  const outcomes = new Map<string, number>();
  const wrong: string[] = [];
  let sent = 0;
  let heapBefore = 0;

  const sendOne = async (raw: RawSocket): Promise<boolean> => {
    const { bytes, isMessage } = hostileFrame(random);
    const { texts, end, code } = await raw.send(bytes, isMessage ? answerWithinMs : patienceMs);
    const answers = texts
      .map((text) => JSON.parse(text) as Message)
      .filter(({ type }) => type !== 'job' && type !== 'gap');
    const outcome = end === 'closed' ? `closed ${code ?? 'without a word'}` : (answers[0]?.['type'] as string) || end;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const isAnswered = answers.length === 1 && ['subscribed', 'error'].includes(answers[0]?.['type'] as string);
    const isRight =
      end === 'closed' ? codes.includes(code) : isMessage ? isAnswered && end === 'open' : answers.length <= 2;
    if (!isRight) wrong.push(`${outcome} ${texts.join()} <- ${bytes.toString('hex', 0, 300)}`);
    return end === 'open';
  };
  const work = async (): Promise<void> => {
    let raw: RawSocket | undefined;
    while (sent < count) {
      sent += 1;
      if (sent === Math.floor(count / 4)) heapBefore = heapUsed();
      if (sent % 100 === 0) submitted.push(await submitAndComplete());
      raw ??= await openRawSocket(port);
      if (await sendOne(raw)) continue;
      raw.end();
      raw = undefined;
    }
    raw?.end();
  };
  await Promise.all(Array.from({ length: connections }, work));

  process.stderr.write(`${JSON.stringify(Object.fromEntries([...outcomes].sort()))}\n`);
  expect(wrong.slice(0, 5)).toEqual([]);
  await eventually('the other has heard of every job', () => jobs().length >= submitted.length);
  expect([...jobs()].sort()).toEqual([...submitted].sort());
  expect(socket.readyState).toBe(WebSocket.OPEN);
  // Frames that all end the connection, or all get through, would prove nothing.
  for (const outcome of ['subscribed', 'error', 'open', 'closed 1002', 'closed 1003', 'closed 1007'])
    expect([outcome, (outcomes.get(outcome) ?? 0) > count / 500]).toEqual([outcome, true]);
  expect(heapUsed() - heapBefore).toBeLessThan(30_000_000);
}, 120_000);
