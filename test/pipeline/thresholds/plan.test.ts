import { describe, expect, test } from '@jest/globals';
import type { Outcome, Records } from '../../../src/contract/index.ts';
import type { ScoresAt } from '../../../src/pipeline/anomalies/scores-between.ts';
import type { Anomaly } from '../../../src/pipeline/anomalies/told.ts';
import { alarmChanges } from '../../../src/pipeline/thresholds/alarm-changes.ts';
import { labelHit, labelsWithin, openPlanning, type PlanOptions } from '../../../src/pipeline/thresholds/plan.ts';
import { openDetect } from '../../../src/stages/detect/stage.ts';
import type { Settings } from '../../../src/stages/detect/settings.ts';
import { noPorts } from '../../support/no-ports.ts';
import { entity, inRecords, key, levels, settings } from '../anomalies/busy-stretches.ts';

type State = Records['detector-state'];
type Done = Outcome<Anomaly, State>;

/** What the stage itself does with them. */
function staged(all: readonly ScoresAt[], own: Settings, restored: ReadonlyMap<string, State> = new Map()): Done {
  const lane = { settings: own, partition: 3, partitions: 4, opening: 'o', source: 'scores', ports: noPorts };
  const stage = openDetect({ ...lane, fleet: new Map([[key, entity]]), restored });
  const records = all.map(({ offset, scores: value }) => ({ key, value, offset: BigInt(offset), timestamp: 0 }));
  return stage.process({ records, behind: 0n }, new AbortController().signal) as Done;
}

/** What it knows of each anomaly in the end, in the words in which a plan and it must agree. */
function known({ send, checkpoint }: Done) {
  const last = new Map(send.map(({ value }) => [value.id, value]));
  const open = checkpoint?.get(key)?.open;
  return [...last.values()].map((one) => inWords(one.id === open?.id ? { ...one, ...open } : one));
}

const inWords = ({ id, begin_index, end_index, rules, peak_severity }: Anomaly) => ({
  ...{ id, begin_index, end_index, rules: [...rules], peak_severity },
});

function planned(all: readonly ScoresAt[], after: Settings, more: Partial<PlanOptions> = {}) {
  const planning = openPlanning({
    ...{ entities: [entity], before: settings, after, from: -Infinity, states: new Map() },
    ...more,
  });
  for (const { scores, offset } of all) planning.take(scores, { topic: 'scores', partition: 3, offset });
  const [plan] = planning.entities();
  if (plan === undefined) throw new Error('no plan');
  return plan;
}

/** Stretches of different length, the last one not over. */
const stretches = [900, 1_400, 1_460, 2_300, 3_100, 3_170, 3_230, 3_960] as const;
const records = inRecords(levels(4_000, ...stretches), 20);

describe('a plan is what a full replay under the new settings gives, alarm by alarm', () => {
  const other = (more: Partial<Settings>): Settings => ({ ...settings, ...more });
  test.each([
    ['as it is', {}],
    ['a larger factor', { busyFactor: 3 }],
    ['a smaller one', { busyFactor: 1.05, quietFactor: 1.05, shapeFactor: 1.05 }],
    ['one rule', { rules: ['too-busy'] }],
    ['another one beside them', { rules: ['too-busy', 'too-quiet', 'unusual-shape', 'model-error'] }],
    ['a longer start', { settleRows: 2_000 }],
    ['other shapes', { shapeRows: '8' }],
    ['what matters', { res: 0.2 }],
    ['for this entity only', { entities: { [key]: { busyFactor: 3 } } as unknown as Settings['entities'] }],
  ] as readonly [string, Partial<Settings>][])('%s', (_, more) => {
    const plan = planned(records, other(more));
    expect(plan.after.map(inWords)).toEqual(known(staged(records, other(more))));
    expect(plan.before.map(inWords)).toEqual(known(staged(records, settings)));
    expect(plan.before.length).toBeGreaterThan(2);
    expect(plan.begin).toEqual({ row: 0, restored: false });
  });

  test('and some of it is other than it was', () => {
    const { before, after } = planned(records, other({ busyFactor: 3, rules: ['too-busy'] }));
    expect(new Set(alarmChanges(before, after).map(({ change }) => change))).toContain('moves');
    expect(after).not.toEqual(before);
  });

  test('from the newest checkpoint before the first score that is still there, an anomaly of which was open', () => {
    const cut = 1_440 / 20;
    const states = [0, cut - 20, cut, cut + 20].map(
      (end) => staged(records.slice(0, end), settings).checkpoint?.get(key) ?? [],
    ) as State[];
    const [, , restored] = states;
    if (restored === undefined) throw new Error('no checkpoint');
    expect(restored.open).not.toBeNull();
    for (const after of [settings, other({ busyFactor: 3 }), other({ res: 0.2 })]) {
      const own = new Map([[key, states.flat()]]);
      const plan = planned(records.slice(cut), after, { states: own });
      const full = staged(records.slice(cut), after, new Map([[key, restored]]));
      // What was open before is no alarm of these rows.
      expect(plan.after.map(inWords)).toEqual(known(full).filter(({ id }) => id !== restored.open?.id));
      expect(plan.begin).toEqual({ row: 1_440, restored: true });
    }
  });
});

test('only alarms and labels that begin in the window are told of; all rows are judged all the same', () => {
  const whole = planned(records, settings);
  const plan = planned(records, settings, { from: 2_000_000 });
  expect(plan.before.map(inWords)).toEqual(whole.before.filter(({ begin_index }) => begin_index >= 2_000).map(inWords));
  expect(plan.rows).toEqual({ first: 2_000, last: 3_999 });
  const label = (first: number, last: number) => ({ first, last, kind: 'point' });
  expect(labelsWithin([label(1_990, 2_010), label(2_300, 2_360), label(5_000, 5_010)], plan)).toEqual([
    label(2_300, 2_360),
  ]);
});

describe('two lists of alarms', () => {
  const alarm = (begin_index: number, end_index: number) => ({ begin_index, end_index }) as Anomaly;
  const said = (before: readonly Anomaly[], after: readonly Anomaly[]) =>
    alarmChanges(before, after).map(({ change, before: a, after: b }) => [
      change,
      a && [a.begin_index, a.end_index],
      b && [b.begin_index, b.end_index],
    ]);

  test('differ in what appears, vanishes or moves; the rest stays', () => {
    const [stays, gone] = [alarm(10, 20), alarm(500, 510)];
    expect(said([stays, gone, alarm(700, 800)], [alarm(10, 20), alarm(300, 310), alarm(720, 800)])).toEqual([
      ['appears', undefined, [300, 310]],
      ['vanishes', [500, 510], undefined],
      ['moves', [700, 800], [720, 800]],
    ]);
  });

  test('one that becomes two is moved, and another appears; two that become one: one is moved, the other vanishes', () => {
    const [one, two] = [[alarm(0, 400)], [alarm(0, 100), alarm(300, 400)]];
    expect(said(one, two).map(([change]) => change)).toEqual(['moves', 'appears']);
    expect(said(two, one).map(([change]) => change)).toEqual(['moves', 'vanishes']);
  });

  test('each hits the first label that it touches', () => {
    const labels = [
      { first: 10, last: 20, kind: 'a' },
      { first: 30, last: 40, kind: 'b' },
    ];
    expect([labelHit(labels, alarm(20, 35))?.kind, labelHit(labels, alarm(21, 29))?.kind]).toEqual(['a', undefined]);
  });
});
