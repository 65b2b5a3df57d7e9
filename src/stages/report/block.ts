import type { Records, SeriesBlock } from '../../contract/index.ts';
import type { EntitySeries } from './entity.ts';

type Anomaly = Records['anomaly'];

/**
 * What a record tells, at the times that it tells of, and made of nothing else: a record that comes twice is written where it
 * was. An anomaly opens with its first row and closes with the row that closed it, as whoever looked saw it then; between two
 * records a rule's severity is the largest, at its own time. So the last number is always what was told last.
 */
export function blockOf({ open, severityBy }: EntitySeries, anomaly: Anomaly): SeriesBlock {
  const { phase, severities } = anomaly;
  const told = toldTime(anomaly);
  const timestamps = [...new Set([told, ...severities.map(({ time }) => time)])].sort((a, b) => a - b);
  const count = timestamps.length;
  const numbers = new Float32Array(count * (1 + severities.length)).fill(NaN);
  numbers[timestamps.indexOf(told)] = phase === 'closed' ? 0 : 1;
  for (const [at, { severity, time }] of severities.entries())
    numbers[(1 + at) * count + timestamps.indexOf(time)] = severity;
  return { series: [open, ...severities.map(({ rule }) => severityBy(rule))], timestamps, numbers };
}

/** Older records do not say it: then it counts as closed from just after its last alarm, and as open until then. */
const toldTime = ({ phase, told_time, begin_time, end_time }: Anomaly): number => {
  if (told_time !== null) return told_time;
  if (phase === 'closed') return end_time + 1;
  return phase === 'opened' ? begin_time : end_time;
};
