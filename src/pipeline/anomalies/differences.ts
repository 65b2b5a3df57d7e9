import type { Anomaly } from './told.ts';

/** Something that was told, and comes out otherwise; undefined where one of them has no such phase. */
export interface Difference {
  readonly phase: Anomaly['phase'];
  readonly field: keyof Anomaly;
  readonly recorded: unknown;
  readonly computed: unknown;
}

const before: readonly (keyof Anomaly)[] = ['state_before'];
/** What records say since they say when they were told. */
const sinceThen: readonly (keyof Anomaly)[] = [...before, 'told_time', 'severities'];

/** Phase by phase, all that was told but what the rules knew before, which is where both begin; numbers to the bit. */
export function differences(recorded: readonly Anomaly[], computed: readonly Anomaly[]): readonly Difference[] {
  return Array.from({ length: Math.max(recorded.length, computed.length) }, (_, at) =>
    between(recorded[at], computed[at]),
  ).flat();
}

function between(recorded: Anomaly | undefined, computed: Anomaly | undefined): readonly Difference[] {
  const some = recorded ?? computed;
  if (some === undefined) return [];
  const { phase } = some;
  if (recorded === undefined || computed === undefined)
    return [{ phase, field: 'phase', recorded: recorded?.phase, computed: computed?.phase }];
  const unsaid = recorded.told_time === null ? sinceThen : before;
  return (Object.keys(recorded) as (keyof Anomaly)[])
    .filter((field) => !unsaid.includes(field) && !isSame(recorded[field], computed[field]))
    .map((field) => ({ phase, field, recorded: recorded[field], computed: computed[field] }));
}

/** By their text, which is another for numbers that differ in a bit: what was read is of other classes than what was made. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
