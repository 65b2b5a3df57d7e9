import { countOf, type Count, type Tally } from './count.ts';
import { figuresOf, type Figures } from './figures.ts';
import { atNoMoreTime, flagsAbove } from './rivals/at-no-more-time.ts';
import { ewmaRule } from './rivals/ewma-rule.ts';
import { randomAlarms } from './rivals/random-alarms.ts';
import { rotatedAlarms } from './rivals/rotated-alarms.ts';
import { seeded } from './seeded.ts';
import type { Flags, Series } from './series.ts';
import { sumOf } from './sum.ts';

/** Over all draws; where nothing is drawn, both are the same. */
export interface Spread {
  readonly mean: number;
  readonly max: number;
}

/** What a detector has to be better than: something that does not look, or hardly. */
export interface Rival {
  readonly name: string;
  /** What it does. */
  readonly does: string;
  readonly draws: number;
  /** Means over the draws, of all entities together. */
  readonly events: Tally;
  readonly onsets: Tally;
  readonly timeInAlarm: number;
  readonly eventF1: Spread;
  readonly strictF1: Spread;
  readonly adjustedF1: Spread;
  /** Where it has a threshold: with that raised until its alarms stand for no longer than the detector's. */
  readonly raised: { readonly timeInAlarm: number; readonly strictF1: Spread };
  /** The strict F1 that a detector must be above: see gate.ts. */
  readonly toBeat: number;
}

export interface Comparison {
  readonly rivals: readonly Rival[];
  /** A sentence for each rival that could not be run. */
  readonly leftOut: readonly string[];
}

const draws = 50;

export function compare(all: readonly Series[], { rowsInAlarm }: Figures, seed: number): Comparison {
  const drawn = (draw: typeof randomAlarms, from: number): Figures[] => {
    const random = seeded(from);
    return Array.from({ length: draws }, () =>
      judged(
        all,
        all.map(({ flags }) => draw(flags, random)),
      ),
    );
  };
  const scored = (severities: readonly Float64Array[]): [Figures[], Figures[]] => [
    [judged(all, flagsAbove(severities))],
    [judged(all, atNoMoreTime(severities, rowsInAlarm))],
  ];
  const rivals = [
    rivalOf('random alarms', 'as many alarms in each entity, each a single row, anywhere', drawn(randomAlarms, seed)),
    rivalOf('rotated alarms', 'the same alarms in each entity, begun at another row', drawn(rotatedAlarms, seed + 1)),
    rivalOf(
      'everything',
      'one alarm that never ends',
      ...scored(all.map(({ rows }) => new Float64Array(rows).fill(2))),
    ),
  ];
  const unfit = all.filter(({ telemetry, training = none }) => telemetry === undefined || training.length === 0);
  if (unfit.length > 0) return { rivals, leftOut: [withoutEwmaRule(unfit)] };
  const ewma = all.map(({ telemetry = none, training = none }) => ewmaRule(training, telemetry));
  const does = 'the smoothed distance from a moving mean, above 1.25 × its most in training';
  return { rivals: [...rivals, rivalOf('EWMA rule', does, ...scored(ewma))], leftOut: [] };
}

const none = new Float32Array();

const judged = (all: readonly Series[], flags: Flags): Figures =>
  figuresOf(
    sumOf(all.map(({ rows, labels }, at): Count => countOf({ rows, labels, flags: flags[at] ?? new Uint8Array() }))),
  );

function rivalOf(name: string, does: string, asItIs: readonly Figures[], higher: readonly Figures[] = asItIs): Rival {
  const mean = (figures: readonly Figures[], number: (of: Figures) => number | null): number =>
    figures.reduce((sum, of) => sum + (number(of) ?? 0), 0) / figures.length;
  const spread = (figures: readonly Figures[], number: (of: Figures) => number | null): Spread => ({
    mean: mean(figures, number),
    max: Math.max(...figures.map((of) => number(of) ?? 0)),
  });
  const tally = (of: (figures: Figures) => Tally): Tally => ({
    found: mean(asItIs, (figures) => of(figures).found),
    wrong: mean(asItIs, (figures) => of(figures).wrong),
    missed: mean(asItIs, (figures) => of(figures).missed),
  });
  const strictF1 = spread(asItIs, ({ onsets }) => onsets.f1);
  const raised = {
    timeInAlarm: mean(higher, ({ timeInAlarm }) => timeInAlarm),
    strictF1: spread(higher, ({ onsets }) => onsets.f1),
  };
  return {
    name,
    does,
    draws: asItIs.length,
    events: tally(({ events }) => events),
    onsets: tally(({ onsets }) => onsets),
    timeInAlarm: mean(asItIs, ({ timeInAlarm }) => timeInAlarm),
    eventF1: spread(asItIs, ({ events }) => events.f1),
    strictF1,
    adjustedF1: spread(asItIs, ({ adjusted }) => adjusted.f1),
    raised,
    toBeat: Math.max(strictF1.max, raised.strictF1.max),
  };
}

function withoutEwmaRule(unfit: readonly Series[]): string {
  const named = unfit.slice(0, 3).map(({ entity }) => entity);
  const more = unfit.length > named.length ? ` and ${unfit.length - named.length} more` : '';
  return `The EWMA rule is left out: it needs telemetry and training telemetry, which ${named.join(', ')}${more} came without.`;
}
