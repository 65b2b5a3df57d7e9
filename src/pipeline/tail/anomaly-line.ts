import type { Records } from '../../contract/index.ts';
import { instant } from '../instant.ts';
import { printable } from '../printable.ts';
import type { LineStyle, RecordPlace } from './sample-line.ts';
import { sharesJson, sharesText } from './shares-text.ts';

type Anomaly = Records['anomaly'];

/** Where an anomaly opens or closes: when, how severe it is or was, what the rules say, the sensors at its peak, its id. */
export function anomalyLine(anomaly: Anomaly, { width, colour }: LineStyle): string {
  const { satellite_id, entity, phase, id, rules, sentence, sensors } = anomaly;
  const cells = [
    instant(toldTime(anomaly)),
    `${satellite_id}/${entity}`.padEnd(width),
    phase.toUpperCase(),
    phase === 'opened'
      ? `severity ${anomaly.severity.toFixed(2)}`
      : `severity at most ${anomaly.peak_severity.toFixed(2)}`,
    rules.join(', '),
    sentence,
    sharesText(sensors),
    id,
  ];
  const line = printable(cells.filter((cell) => cell !== '').join('  '));
  if (!colour) return line;
  return `\u001b[1;${phase === 'opened' ? 31 : 32}m${line}\u001b[0m`;
}

/** What is told of an anomaly as JSON, without what the rules knew before, and with where its record stands. */
export function anomalyJson(anomaly: Anomaly, { partition, offset }: RecordPlace): string {
  const { topic, partition: scored, first_offset: first, last_offset: last, ...rest } = anomaly;
  return JSON.stringify({
    kind: 'anomaly',
    time: instant(toldTime(anomaly)),
    ...rest,
    state_before: undefined,
    sensors: sharesJson(anomaly.sensors),
    scores: { topic, partition: scored, first_offset: first, last_offset: last },
    partition,
    offset: Number(offset),
  });
}

/** Older records do not say when they were told. */
const toldTime = ({ phase, told_time, begin_time, end_time }: Anomaly): number =>
  told_time ?? (phase === 'opened' ? begin_time : end_time);
