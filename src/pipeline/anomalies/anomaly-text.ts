import { aligned } from '../aligned.ts';
import { instant } from '../instant.ts';
import { printable } from '../printable.ts';
import { isOpen } from './newest.ts';
import { keyOf, type Anomaly, type Told } from './told.ts';

/** All that is known of one anomaly: what its last record says, and each phase in order. */
export function anomalyText(phases: readonly [Told, ...Told[]]): string {
  const [first] = phases;
  const { anomaly: last } = phases.at(-1) ?? first;
  const { state_before: state } = first.anomaly;
  const sensors = last.sensors.map(({ sensor, share }) => `${sensor} ${Math.round(share * 100)} %`);
  const facts = [
    ['entity', keyOf(last)],
    ['begin', rowText(last.begin_index, last.begin_time)],
    [isOpen(last) ? 'last alarm' : 'end', rowText(last.end_index, last.end_time)],
    ['rules', last.rules.join(', ')],
    ['peak', `severity ${last.peak_severity}, ${rowText(last.peak_index, last.peak_time)}`],
    ['what', last.sentence],
    ['sensors', sensors.length === 0 ? 'the model missed none of them' : sensors.join(', ')],
    ['model', `${last.model} ${last.model_version}, weights ${last.weights}`],
    ['scores', rangeText(last)],
    [
      'state',
      state === null ? 'not kept in what is left of it' : `${state.length} bytes before ${first.anomaly.first_offset}`,
    ],
  ] as const;
  return [
    `${printable(last.id)}  ${isOpen(last) ? 'open' : 'closed'}`,
    ...aligned(facts.map(([name, said]) => [`  ${name}`, printable(said)])),
    'phases',
    ...aligned(phases.map(phaseCells)),
    '',
  ].join('\n');
}

const phaseCells = ({ topic, partition, offset, anomaly }: Told): readonly string[] => [
  `  ${anomaly.phase}`,
  printable(`${topic} ${partition}:${offset}`),
  `by ${anomaly.last_offset}`,
  `last alarm ${rowText(anomaly.end_index, anomaly.end_time)}`,
  `severity ${anomaly.severity.toFixed(2)}, at most ${anomaly.peak_severity.toFixed(2)}`,
  printable(anomaly.rules.join(', ')),
];

export const rowText = (index: number, time: number): string => `row ${index} at ${instant(time)}`;

export const rangeText = ({ topic, partition, first_offset, last_offset }: Anomaly): string =>
  `${topic} ${partition}:${first_offset} to ${partition}:${last_offset}`;
