import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openVictoria, type VictoriaLimits, type VictoriaSink } from '../../src/sinks/victoria/sink.ts';
import { declaredEvents } from '../support/declared-events.ts';
import { eventually } from '../support/eventually.ts';
import { freePorts } from '../support/free-port.ts';
import { sentBlock } from '../support/series.ts';
import { startVictoriaStub, victoriaMetrics, type Behaviour, type VictoriaStub } from '../support/victoria-stub.ts';

const never = new AbortController().signal;
const events = declaredEvents();
const brisk: Partial<VictoriaLimits> = { paceMs: 1, requestTimeoutMs: 300, lookMs: 20 };

let stub: VictoriaStub;
let sink: VictoriaSink;
const open = (limits: Partial<VictoriaLimits> = {}, address = stub.url, compress?: boolean): VictoriaSink =>
  openVictoria({
    address,
    stage: 'export',
    emit: events.emit,
    limits: { ...brisk, ...limits },
    ...(compress === undefined ? {} : { compress }),
  });
const write = (entity: string, count = 2, signal = never): Promise<void> =>
  sink.write(
    [
      sentBlock(
        entity,
        Array.from({ length: count }, (_, i) => 1000 * i),
      ),
    ],
    signal,
  );
/** The entities of what was taken, in the order in which it was. */
const taken = ({ imports }: VictoriaStub) =>
  imports.map(({ lines }) => [...new Set(lines.map(({ metric }) => metric['entity']))]);

beforeEach(async () => {
  stub = await startVictoriaStub();
  sink = open();
});
afterEach(async () => {
  await sink.close();
  await stub.close();
});

test('a line for each series, with all its values', async () => {
  await write('a', 3);
  expect(stub.imports.map(({ lines }) => lines)).toEqual([
    [
      { metric: { __name__: 'test_score', entity: 'a' }, values: [0.5, 1.5, 2.5], timestamps: [0, 1000, 2000] },
      { metric: { __name__: 'test_value', entity: 'a' }, values: [100.5, 101.5, 102.5], timestamps: [0, 1000, 2000] },
    ],
  ]);
  expect(events.of('sink-wrote')).toMatchObject([{ stage: 'export', values: 6, requests: 1 }]);
});

test('lanes share requests, one connection, and the pace', async () => {
  await sink.close();
  sink = open({ paceMs: 60 });
  const began = performance.now();
  await Promise.all(['a', 'b', 'c'].map((entity) => write(entity)));
  await Promise.all(['d', 'e'].map((entity) => write(entity)));
  expect(taken(stub)).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
  expect(performance.now() - began).toBeGreaterThan(55);
  expect(new Set(stub.imports.map(({ connection }) => connection)).size).toBe(1);
});

test('a body that grows too large is cut between lines, and nothing of it is written before what comes first', async () => {
  await sink.close();
  sink = open({ bodyBytes: 50 });
  await Promise.all(['a', 'b'].map((entity) => write(entity)));
  expect(
    stub.imports.map(({ lines }) => lines.map(({ metric }) => `${metric['entity']} ${metric['__name__']}`)),
  ).toEqual(['a test_score', 'a test_value', 'b test_score', 'b test_value'].map((line) => [line]));
});

test('compressed where the server is elsewhere, and not on this machine', async () => {
  await write('a');
  await sink.close();
  sink = open({}, stub.url, true);
  await write('a');
  expect(stub.imports.map(({ encoding }) => encoding)).toEqual([undefined, 'gzip']);
  expect(stub.imports[1]?.lines).toEqual(stub.imports[0]?.lines);
});

const retried = { code: 'victoria-unavailable' };

test.each<readonly [string, Behaviour, RegExp]>([
  ['503', { status: 503, text: 'cannot store metrics' }, /answers 503: cannot store metrics/],
  ['429', { status: 429, text: 'slow down' }, /answers 429: slow down/],
  ['200 of a login page', { status: 200, text: '<html>' }, /answers 200: <html>; VictoriaMetrics answers 204/],
  ['nothing for too long', 'no answer', /no answer within 300 ms/],
  ['a reset after the write', 'reset after write', /ECONNRESET|socket hang up/],
])('%s: is to be tried again, and then it is there', async (_, behaviour, detail) => {
  // A connection that breaks in its second use is tried once more at once.
  stub.behave(...(behaviour === 'reset after write' ? [behaviour, behaviour] : [behaviour]));
  await expect(write('a')).rejects.toMatchObject({ ...retried, detail: expect.stringMatching(detail) });
  await write('a');
  expect(taken(stub).at(-1)).toEqual(['a']);
});

test('a server that is away: is to be tried again until it is there', async () => {
  await sink.close();
  const [port = 0] = await freePorts(1);
  sink = open({}, `http://127.0.0.1:${port}`);
  await expect(write('a')).rejects.toMatchObject({ ...retried, detail: expect.stringContaining('ECONNREFUSED') });
  await stub.close();
  stub = await startVictoriaStub(port);
  await write('a');
  expect(taken(stub)).toEqual([['a']]);
});

test.each([
  [400, 'cannot parse: whatever'],
  [401, 'Unauthorized'],
  [404, 'unsupported path requested'],
])('%p: stops, in the words of the server', async (status, text) => {
  stub.behave({ status, text });
  await expect(write('a')).rejects.toMatchObject({
    code: 'victoria-refused',
    verdict: 'stop',
    detail: `${stub.url} answers ${status}: ${text}`,
  });
});

test('whoever asks for a pause gets it', async () => {
  stub.behave({ status: 429, headers: { 'retry-after': '1' } });
  const began = Date.now();
  await expect(write('a')).rejects.toMatchObject(retried);
  await expect(write('a')).rejects.toMatchObject({ ...retried, detail: expect.stringContaining('asked for a pause') });
  expect(stub.asked).toBe(1);
  await eventually('it is taken', () => write('a').then(() => true));
  expect(Date.now() - began).toBeGreaterThan(950);
});

test('a failure in the middle fails all of it', async () => {
  await sink.close();
  sink = open({ bodyBytes: 50 });
  stub.behave({ status: 204 }, { status: 503 });
  const both = await Promise.allSettled(['a', 'b'].map((entity) => write(entity)));
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(stub.asked).toBe(2);
});

test('a connection that the server closed while it was idle is no failure', async () => {
  await write('a');
  stub.behave('reset after write');
  await write('b');
  expect(taken(stub)).toEqual([['a'], ['b'], ['b']]);
});

test('who is given up hears of it at once, also in the middle, and the others go on', async () => {
  stub.behave('no answer');
  const givingUp = new AbortController();
  const [first, second] = [write('a', 2, givingUp.signal), write('b')];
  await eventually('it is under way', () => stub.asked === 1);
  const began = performance.now();
  givingUp.abort();
  await expect(first).rejects.toMatchObject({ detail: 'given up' });
  expect(performance.now() - began).toBeLessThan(100);
  await expect(second).rejects.toMatchObject({ detail: expect.stringContaining('no answer within') });
  await expect(write('c', 2, AbortSignal.abort())).rejects.toMatchObject({ detail: 'given up' });
});

test('at its start it says what will be lost, once', async () => {
  events.declare('sink-warning');
  await sink.close();
  stub.metrics.text = victoriaMetrics(1, { retention: '1', deduplication: '30s' });
  sink = open();
  await write('a');
  await eventually('it has looked', () => events.of('sink-warning').length >= 2);
  expect(events.of('sink-warning').map(({ what }) => what)).toEqual([
    expect.stringMatching(/-retentionPeriod=1: samples from before \d{4}-\d\d-\d\dT\d\d:\d\d are dropped/),
    expect.stringContaining('-dedup.minScrapeInterval=30s: of all samples within that time one is kept'),
  ]);
});

test.each([
  ['no VictoriaMetrics', { text: 'up 1\n' }],
  ['nobody who may be asked', { status: 403 }],
])('where /metrics is that of %s it says so once, and writes', async (_, metrics) => {
  events.declare('sink-warning');
  await sink.close();
  Object.assign(stub.metrics, metrics);
  sink = open();
  await write('a');
  await write('b');
  expect(events.of('sink-warning').map(({ what }) => what)).toEqual([expect.stringContaining('cannot be noticed')]);
  expect(taken(stub)).toEqual([['a'], ['b']]);
});
