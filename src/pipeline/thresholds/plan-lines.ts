import { keyOfEntity } from '../../config/entities-named.ts';
import { aligned } from '../aligned.ts';
import type { Anomaly } from '../anomalies/told.ts';
import { instant } from '../instant.ts';
import type { Label } from '../judged/label-runs.ts';
import { printable } from '../printable.ts';
import { alarmChanges, type AlarmChange } from './alarm-changes.ts';
import type { SettingChange } from './changed-topology.ts';
import { labelHit } from './plan.ts';
import type { LabelledPlan } from './read-plan.ts';

/** What was right, what was alarmed without reason, what was not seen. */
interface Tally {
  readonly found: number;
  readonly wrong: number;
  readonly missed: number;
}

export interface PlanFindings {
  readonly changes: readonly SettingChange[];
  readonly plans: readonly LabelledPlan[];
  /** Of all that has labels; undefined where nothing has. */
  readonly outcome: { readonly before: Tally; readonly after: Tally } | undefined;
}

/** A plan for a terminal: what would be set, each alarm that would be another, and what it comes to. */
export function planText({ changes, plans, outcome }: PlanFindings): string {
  const sections = plans.flatMap((plan) => {
    const found = alarmChanges(plan.before, plan.after);
    if (found.length === 0) return [];
    return [printable(keyOfEntity(plan.entity)), ...aligned(found.map((one) => cells(one, plan.labels))), ''];
  });
  const alarms = (of: 'before' | 'after') => plans.reduce((sum, plan) => sum + plan[of].length, 0);
  const all = plans.flatMap(({ before, after }) => alarmChanges(before, after));
  const count = (change: AlarmChange['change']) => all.filter((one) => one.change === change).length;
  return [
    ...changes.map(changeLine),
    '',
    ...sections,
    `alarms ${alarms('before')} → ${alarms('after')}: ` +
      `${count('appears')} appear, ${count('vanishes')} vanish, ${count('moves')} move`,
    ...(outcome === undefined
      ? ['no labels: which of them are right is not known']
      : [
          `labels found ${outcome.before.found} → ${outcome.after.found}, ` +
            `missed ${outcome.before.missed} → ${outcome.after.missed}, ` +
            `false alarms ${outcome.before.wrong} → ${outcome.after.wrong}`,
        ]),
    ...basis(plans),
    '',
  ].join('\n');
}

export const changeLine = ({ path, from, to }: SettingChange): string =>
  `${path}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`;

/** What all of it rests on. */
function basis(plans: readonly LabelledPlan[]): readonly string[] {
  const judged = plans.filter(({ begin }) => begin !== undefined);
  const anew = judged.filter(({ begin }) => begin?.restored === false);
  const unseen = plans.filter(({ begin }) => begin === undefined).map(({ entity }) => keyOfEntity(entity));
  const [all, again] = [sum(plans, ({ told }) => told.all), sum(plans, ({ told }) => told.again)];
  return [
    `judged from the first score that is still there: ${judged.length - anew.length} entities from their checkpoint before it, ` +
      `${anew.length} from nothing, whose first rows are learned in silence`,
    ...(unseen.length > 0 ? [`without scores: ${unseen.join(', ')}`] : []),
    `of ${all} anomalies that were told in that time, ${again} come out again under the settings as they are`,
  ];
}

const sum = (plans: readonly LabelledPlan[], number: (plan: LabelledPlan) => number): number =>
  plans.reduce((total, plan) => total + number(plan), 0);

function cells({ change, before, after }: AlarmChange, labels: readonly Label[] | undefined): readonly string[] {
  const one = after ?? before;
  return [
    `  ${change}`,
    before !== undefined && after !== undefined ? `${rows(before)} → ${rows(after)}` : rows(one),
    `${instant(one.begin_time)} to ${instant(one.end_time)}`,
    `severity ${one.peak_severity.toFixed(2)}`,
    printable(one.rules.join(', ')),
    ...(labels === undefined ? [] : [hitText(labels, one)]),
    printable(one.sentence),
  ];
}

const rows = ({ begin_index, end_index }: Anomaly): string => `row ${begin_index} to ${end_index}`;

function hitText(labels: readonly Label[], one: Anomaly): string {
  const hit = labelHit(labels, one);
  return hit === undefined ? 'false' : `hits ${hit.kind} ${hit.first} to ${hit.last}`;
}

/** The same as plain values. */
export const planJson = ({ changes, plans, outcome }: PlanFindings): object => ({
  changes,
  entities: plans.map(({ entity, before, after, labels, told, begin }) => ({
    entity: keyOfEntity(entity),
    alarms: { before: before.length, after: after.length },
    changes: alarmChanges(before, after).map((one) => ({
      change: one.change,
      before: one.before && alarmJson(one.before, labels),
      after: one.after && alarmJson(one.after, labels),
    })),
    begin,
    told,
  })),
  outcome,
});

const alarmJson = (one: Anomaly, labels: readonly Label[] | undefined): object => {
  const { id, begin_index, begin_time, end_index, end_time, rules, peak_severity, sentence } = one;
  const said = { id, begin_index, begin_time, end_index, end_time, rules, peak_severity, sentence };
  return labels === undefined ? said : { ...said, hits: labelHit(labels, one) ?? null };
};
