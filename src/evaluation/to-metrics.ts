import type { NewestValue } from '../telemetry/events.ts';
import type { AllFigures } from './figures-of-all.ts';
import type { Figures, Rates } from './figures.ts';

/** The figures as metrics. Counts are of each entity, and can be summed; what cannot is of all together. */
export function* toMetrics({ entities, total }: AllFigures): Iterable<NewestValue> {
  for (const { entity, figures } of entities) {
    const [satellite_id = '', name = ''] = entity.split('/');
    yield* countsOf(figures, { satellite_id, entity: name });
  }
  yield* sharesOf(total);
}

type Labels = Readonly<Record<string, string>>;

const value = (name: string, about: string, number: number | null, labels: Labels = {}): readonly NewestValue[] =>
  number === null ? [] : [{ name: `downlink_evaluation_${name}`, about, labels, number }];

const ways = ['events', 'onsets'] as const satisfies readonly (keyof Figures)[];
const inWays = 'by `way`: an alarm touches the label (events), or begins inside it (onsets)';

function* countsOf(figures: Figures, of: Labels): Iterable<NewestValue> {
  yield* value('rows', 'Rows that were scored.', figures.rows, of);
  yield* value('labels', 'Labels among them.', figures.labels, of);
  yield* value('alarms', 'Alarms.', figures.alarms, of);
  yield* value('alarm_rows', 'Rows in which an alarm stands.', figures.rowsInAlarm, of);
  for (const way of ways) {
    const { found, wrong, missed } = figures[way];
    for (const [outcome, number] of Object.entries({ found, false: wrong, missed }))
      yield* value('outcomes', `Labels found, alarms false, labels missed, ${inWays}.`, number, {
        ...of,
        way,
        outcome,
      });
  }
}

const rates = { precision: 'precision', recall: 'recall', f1: 'F1', fHalf: 'F0.5' } as const satisfies Partial<
  Record<keyof Rates, string>
>;

function* sharesOf(total: Figures): Iterable<NewestValue> {
  for (const [rate, about] of Object.entries(rates) as readonly [keyof typeof rates, string][])
    for (const way of ways)
      yield* value(`${rate === 'fHalf' ? 'f_half' : rate}_ratio`, `The ${about}, ${inWays}.`, total[way][rate], {
        way,
      });
  yield* value('alarm_time_ratio', 'The share of the time in which an alarm stands.', total.timeInAlarm);
  yield* value('false_alarms_per_100k_rows', 'False alarms in 100,000 rows.', total.falseAlarmsPer100k);
  for (const [quantile, rows] of [
    ['0.5', total.delay.p50],
    ['0.9', total.delay.p90],
  ] as const)
    yield* value('delay_rows', 'From the first row of a label to the first flag within it.', rows, { quantile });
}
