import type { Anomaly } from '../anomalies/told.ts';

/** An alarm that is not as it was. Where only its rules or how severe it is are others, it stays. */
export type AlarmChange =
  | { readonly change: 'appears'; readonly before?: never; readonly after: Anomaly }
  | { readonly change: 'vanishes'; readonly before: Anomaly; readonly after?: never }
  | { readonly change: 'moves'; readonly before: Anomaly; readonly after: Anomaly };

/**
 * The alarms of one entity under two settings. Those that begin in the same row are the same one; then, in their order, those
 * that share rows. Of one that became two the first is moved and the second appears.
 */
export function alarmChanges(before: readonly Anomaly[], after: readonly Anomaly[]): readonly AlarmChange[] {
  const partner = new Map<Anomaly, Anomaly>();
  const taken = new Set<Anomaly>();
  const pair = (isSame: (a: Anomaly, b: Anomaly) => boolean): void => {
    for (const one of after) {
      if (partner.has(one)) continue;
      const found = before.find((other) => !taken.has(other) && isSame(one, other));
      if (found === undefined) continue;
      partner.set(one, found);
      taken.add(found);
    }
  };
  pair((a, b) => a.begin_index === b.begin_index);
  pair((a, b) => a.begin_index <= b.end_index && b.begin_index <= a.end_index);
  const changes = [
    ...after.flatMap((one): readonly AlarmChange[] => {
      const old = partner.get(one);
      if (old === undefined) return [{ change: 'appears', after: one }];
      const stays = old.begin_index === one.begin_index && old.end_index === one.end_index;
      return stays ? [] : [{ change: 'moves', before: old, after: one }];
    }),
    ...before.filter((one) => !taken.has(one)).map((one): AlarmChange => ({ change: 'vanishes', before: one })),
  ];
  return changes.sort((a, b) => beginOf(a) - beginOf(b));
}

const beginOf = ({ before, after }: AlarmChange): number => (after ?? before).begin_index;
