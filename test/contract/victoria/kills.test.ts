import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { openVictoria } from '../../../src/sinks/victoria/sink.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { sentBlock } from '../../support/series.ts';
import { exported, startVictoria, type Victoria } from '../../support/victoria.ts';

const never = new AbortController().signal;
const noon = Date.UTC(2024, 0, 1, 12);
const stamps = (from: number, count: number) => Array.from({ length: count }, (_, i) => noon + 1000 * (from + i));

describeWith('victoriaProgram', 'a real VictoriaMetrics that is killed', ({ file }) => {
  const events = declaredEvents();
  let victoria: Victoria;
  beforeAll(async () => {
    victoria = await startVictoria(file);
  });
  afterAll(() => victoria.stop());

  const open = () =>
    openVictoria({ address: victoria.url, stage: 'export', emit: events.emit, limits: { lookMs: 200 } });
  const countOf = async (entity: string) =>
    (await exported(victoria.url, `{entity="${entity}"}`)).get(`test_score{${entity}}`)?.length ?? 0;

  test('forgets what it took in its last seconds, which is why all the rest of this is there', async () => {
    const silent = openVictoria({ address: victoria.url, stage: 'export', emit: () => undefined });
    await silent.write([sentBlock('forgotten', stamps(0, 5))], never);
    await silent.close();
    expect(await countOf('forgotten')).toBe(5);
    await victoria.kill();
    await victoria.start();
    expect(await countOf('forgotten')).toBe(0);
  });

  test('which is noticed, also while nothing is written', async () => {
    events.declare('sink-restarted');
    const sink = open();
    await sink.write([sentBlock('kept', stamps(0, 10))], never);
    const forgot = sink.forgetful.forgot();
    // It tells its start in seconds.
    await delay(1_100);
    await victoria.kill();
    await victoria.start();
    await eventually('the restart is noticed', () => forgot.aborted);
    expect(events.of('sink-restarted')).toHaveLength(1);
    await sink.close();
  });

  test('writes fail as long as it is away, and the first that succeeds is behind the notice', async () => {
    events.declare('sink-restarted');
    const sink = open();
    await sink.write([sentBlock('away', stamps(0, 10))], never);
    const forgot = sink.forgetful.forgot();
    await victoria.kill();
    await expect(sink.write([sentBlock('away', stamps(10, 10))], never)).rejects.toMatchObject({
      code: 'victoria-unavailable',
    });
    await victoria.start();
    await sink.write([sentBlock('away', stamps(10, 10))], never);
    expect(forgot.aborted).toBe(true);
    expect(await countOf('away')).toBe(10);
    await sink.close();
  });
});

describeWith('victoriaProgram', 'a real VictoriaMetrics as it is without settings', ({ file }) => {
  const events = declaredEvents();

  test('is told to forget old samples and to keep doubles, before and after it does', async () => {
    events.declare('sink-warning', 'sink-lost');
    const victoria = await startVictoria(file, []);
    const limits = { lookMs: 100, readBackMs: 200, readBackAfterMs: 0 };
    const sink = openVictoria({ address: victoria.url, stage: 'export', emit: events.emit, limits });
    await eventually('it says what will be lost', () => events.of('sink-warning').length === 2);
    expect(events.of('sink-warning').map(({ what }) => what)).toEqual([
      expect.stringContaining('-retentionPeriod=1: samples from before'),
      expect.stringContaining('no deduplication'),
    ]);
    await sink.write([sentBlock('old', stamps(0, 5))], never);
    await eventually('it says what was lost', () => events.of('sink-lost').find(({ values }) => values === 10));
    await eventually('and why', () => events.of('sink-warning').find(({ what }) => what.includes('small_timestamp')));
    await sink.close();
    await victoria.stop();
  });
});
