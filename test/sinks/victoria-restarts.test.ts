import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openVictoria, type VictoriaLimits, type VictoriaSink } from '../../src/sinks/victoria/sink.ts';
import { declaredEvents } from '../support/declared-events.ts';
import { eventually } from '../support/eventually.ts';
import { sentBlock } from '../support/series.ts';
import { startVictoriaStub, victoriaMetrics, type VictoriaStub } from '../support/victoria-stub.ts';

const events = declaredEvents();
let stub: VictoriaStub;
let sink: VictoriaSink;
const open = (limits: Partial<VictoriaLimits> = {}): VictoriaSink =>
  openVictoria({
    address: stub.url,
    stage: 'export',
    emit: events.emit,
    limits: { paceMs: 1, requestTimeoutMs: 300, lookMs: 20, ...limits },
  });
const write = (): Promise<void> => sink.write([sentBlock('a', [0, 1000])], new AbortController().signal);
const looks = async (): Promise<void> => {
  const before = stub.looks;
  await eventually('it is looked at', () => stub.looks > before + 2);
};

beforeEach(async () => {
  stub = await startVictoriaStub();
  sink = open();
});
afterEach(async () => {
  await sink.close();
  await stub.close();
});

test('a server that is another process has forgotten, and says so once to whoever asked before', async () => {
  events.declare('sink-restarted');
  await write();
  const before = sink.forgetful.forgot();
  await looks();
  expect(before.aborted).toBe(false);
  stub.metrics.started += 5;
  await eventually('the restart is noticed', () => before.aborted);
  expect(sink.forgetful.forgot().aborted).toBe(false);
  await looks();
  expect(sink.forgetful.forgot().aborted).toBe(false);
  expect(events.of('sink-restarted')).toMatchObject([{ sink: 'VictoriaMetrics' }]);
  expect(events.of('sink-found')).toMatchObject([{ version: 'v1.2.3' }, { version: 'v1.2.3' }]);
});

test('a write that fails looks before it is made again', async () => {
  events.declare('sink-restarted');
  await sink.close();
  sink = open({ lookMs: 60_000 });
  await write();
  const before = sink.forgetful.forgot();
  stub.metrics.started += 5;
  stub.behave('reset after write');
  await write();
  expect(before.aborted).toBe(true);
});

test('of two starts in one second a connection that broke tells, where the first was seen young', async () => {
  events.declare('sink-restarted');
  await sink.close();
  stub.metrics.text = victoriaMetrics(1, { uptime: 0 });
  sink = open({ lookMs: 60_000 });
  await write();
  const before = sink.forgetful.forgot();
  stub.behave('reset after write');
  await write();
  expect(before.aborted).toBe(true);
});

test('safe is what was written so long before a look that found the same process', async () => {
  events.declare('sink-restarted');
  await sink.close();
  sink = open({ forgetsMs: 50 });
  await write();
  const wrote = performance.now();
  expect(sink.forgetful.safeBefore()).toBeLessThan(wrote);
  await eventually('it is safe', () => sink.forgetful.safeBefore() > wrote);
  expect(performance.now() - wrote).toBeGreaterThanOrEqual(50);
  // Neither while it does not answer, nor by the look that finds another process.
  stub.metrics.status = 503;
  await looks();
  const safe = sink.forgetful.safeBefore();
  await looks();
  expect(sink.forgetful.safeBefore()).toBe(safe);
});
