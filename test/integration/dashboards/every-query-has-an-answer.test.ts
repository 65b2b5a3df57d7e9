import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { replacedQueries } from '../../../src/dashboards/replaced-queries.ts';
import { rules } from '../../../src/dashboards/rules.ts';
import { dashboards } from '../../dashboards/dashboards.ts';
import { describeWith } from '../../support/describe-with.ts';
import { ask, asGrafana, askOverTime, optionsOf, seriesIn, type Answer } from './ask.ts';
import { raisedBy } from './vmalert.ts';
import { watchPipeline, type WatchedPipeline } from './watched-pipeline.ts';

const chosen = { satellite: 'SAT-001', entity: 'A-1', sensor: 'sensor_0' };
const healthy = ['SAT-001/A-1', 'SAT-001/A-2', 'SAT-002/D-2', 'SAT-003/P-1'];

/** For whom each rule has to fire in the end, and for nobody else. */
const planted: Readonly<Record<string, readonly object[]>> = {
  AnomalyOpen: [
    { satellite_id: 'SAT-001', entity: 'A-1' },
    { satellite_id: 'SAT-003', entity: 'P-2' },
  ],
  EntityAnomalous: [{ satellite_id: 'SAT-001', entity: 'A-1' }],
  EntitySilent: [{ satellite_id: 'SAT-002', entity: 'D-1' }],
  StageLate: [{ stage: 'slow' }, { stage: 'stuck' }],
  RecordsRefused: [{ stage: 'ingest', code: 'record-unframed' }],
};

describeWith('kafka', 'a pipeline on a real Kafka', ({ bootstrap }) => {
  describeWith('victoriaProgram', 'that a real VictoriaMetrics watches', ({ file }) => watched(bootstrap, file));
});

function watched(bootstrap: string, file: string): void {
  let pipeline: WatchedPipeline;
  const before = new Map<string, readonly Answer[]>();

  beforeAll(async () => {
    pipeline = await watchPipeline(bootstrap, file);
    const now = Date.now();
    await pipeline.send(healthy.map((entity) => ({ entity, first: 0, count: 20, until: now - 250_000 })));
    await pipeline.untilScraped('smap_inference_time_ms_count');
    for (const { name, expr, above } of rules) before.set(name, await ask(pipeline, `(${expr}) > ${above}`));
    await pipeline.send([
      { entity: 'SAT-001/A-1', first: 20, count: 24, until: now, wild: true },
      { entity: 'SAT-001/A-2', first: 20, count: 20, until: now },
      { entity: 'SAT-002/D-1', first: 0, count: 20, until: now - 660_000 },
    ]);
    await pipeline.sendGarbage();
    await pipeline.plant([...late(now), ...reported(now)]);
    await pipeline.untilScraped('smap_anomaly_open');
    await pipeline.untilScraped('downlink_rejected_records_total{stage="ingest"}');
  }, 60_000);
  afterAll(() => pipeline.stop());

  describe.each(dashboards)('$title', ({ panels, annotations, templating: { list = [] } }) => {
    const queries = [
      ...panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target }))),
      ...annotations.list.map(({ name, textFormat, target }) => ({ ...target, title: name, legendFormat: textFormat })),
    ];

    test.each(queries)('$title $refId', async ({ expr, instant, legendFormat = '' }) => {
      const query = asGrafana(expr, chosen);
      const found = await (instant ? ask : askOverTime)(pipeline, query);
      expect(found.length).toBeGreaterThan(0);
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        for (const { metric } of found) expect(metric).toHaveProperty(label);
      for (const series of seriesIn(query))
        expect([series, await ask(pipeline, `count(last_over_time(${series}[15m]))`)]).not.toEqual([series, []]);
    });

    for (const variable of list)
      test(`$${variable.name} has what was chosen`, async () => {
        const name = variable.name as keyof typeof chosen;
        expect(await optionsOf(pipeline, variable, chosen)).toContain(chosen[name]);
      });
  });

  test('what is worst comes first', async () => {
    const entities = dashboards
      .flatMap(({ templating }) => templating.list ?? [])
      .find(({ name }) => name === 'entity');
    const of = async (satellite: string) => entities && (await optionsOf(pipeline, entities, { satellite }));
    expect(await of('SAT-001')).toEqual(['A-1', 'A-2']);
    // One of them is silent, and still there.
    expect((await of('SAT-002'))?.toSorted()).toEqual(['D-1', 'D-2']);
    const hurting = dashboards.flatMap(({ panels }) => panels).find(({ title }) => title === 'Which satellite hurts?');
    const [worst] = await ask(pipeline, hurting?.targets[0]?.expr ?? '');
    expect(worst).toEqual({ metric: { satellite_id: 'SAT-001' }, values: [1] });
    const open = dashboards
      .flatMap(({ panels }) => panels)
      .find(({ title }) => title === 'Which entities have an open anomaly?');
    const [one, other] = await ask(pipeline, open?.targets[0]?.expr ?? '');
    expect(one?.metric).toEqual({ satellite_id: 'SAT-001', entity: 'A-1' });
    expect(other).toEqual({ metric: { satellite_id: 'SAT-003', entity: 'P-2' }, values: [1.5] });
  });

  test.each(rules)('$name fires for what is planted, and for nothing before or beside it', async (rule) => {
    expect((await ask(pipeline, rule.expr)).length).toBeGreaterThan(0);
    expect(before.get(rule.name)).toEqual([]);
    const firing = await ask(pipeline, `(${rule.expr}) > ${rule.above}`);
    expect(new Set(firing.map(({ metric }) => metric))).toEqual(new Set(planted[rule.name]));
  });

  describeWith('vmalert', 'vmalert', (vmalert) => {
    test('finds its file sound, and raises the same', async () => {
      const expected = Object.entries(planted).flatMap(([alertname, all]) => all.map((of) => ({ alertname, ...of })));
      const raised = await raisedBy(vmalert.file, pipeline.url, expected.length);
      expect(new Set(raised)).toEqual(new Set(expected));
    });
  });

  describe('what users of the replaced system type', () => {
    test.each(replacedQueries)('$typed', async ({ typed, right, mute = false }) => {
      expect((await ask(pipeline, typed)).length > 0).toBe(!mute);
      for (const query of right ?? []) expect((await ask(pipeline, query)).length).toBeGreaterThan(0);
    });
  });

  test('nothing of it failed', () => {
    expect(pipeline.failures).toEqual([]);
  });
}

/** A stage that works off ten records a second with five thousand waiting, and one that has committed nothing for minutes. */
function late(now: number): readonly string[] {
  const of = (stage: string) => `{stage="${stage}",partition="0"}`;
  return [30_000, 15_000, 0].flatMap((ago, turn) =>
    [
      `downlink_lag_records${of('slow')} 5000`,
      `downlink_committed_records_total${of('slow')} ${1_000 + 150 * turn}`,
      `downlink_last_commit_timestamp_seconds${of('slow')} ${(now - ago) / 1000}`,
      `downlink_lag_records${of('stuck')} 0`,
      `downlink_committed_records_total${of('stuck')} 1000`,
      `downlink_last_commit_timestamp_seconds${of('stuck')} ${(now - 300_000) / 1000}`,
      `downlink_retried_turns_total{stage="stuck",partition="0",code="kafka-unavailable"} ${50 + turn}`,
    ].map((line) => `${line} ${now - ago}`),
  );
}

/** An anomaly of before that was closed since, and one of an entity that fell silent days ago while it was open. */
function reported(now: number): readonly string[] {
  const of = (name: string, more = '') => `{satellite_id="SAT-003",entity="${name}"${more}}`;
  const rule = ',rule="too-busy"';
  const days = 86_400_000;
  return [
    `smap_anomaly_open${of('P-1')} 1 ${now - days}`,
    `smap_anomaly_severity${of('P-1', rule)} 9 ${now - days}`,
    `smap_anomaly_open${of('P-1')} 0 ${now - days / 2}`,
    `smap_anomaly_severity${of('P-1', rule)} 0 ${now - days / 2}`,
    `smap_anomaly_open${of('P-2')} 1 ${now - 5 * days}`,
    `smap_anomaly_severity${of('P-2', rule)} 1.5 ${now - 5 * days}`,
  ];
}
