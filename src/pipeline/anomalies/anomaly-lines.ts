import { aligned } from '../aligned.ts';
import { instant } from '../instant.ts';
import { printable } from '../printable.ts';
import { isOpen } from './newest.ts';
import type { Anomaly } from './told.ts';

/** Anomalies as a table, a line each. */
export function anomalyTable(anomalies: readonly Anomaly[]): string {
  const head = ['anomaly', 'begin', 'end', 'state', 'severity', 'rules', 'what'];
  const rows = anomalies.map((one) => [
    printable(one.id),
    instant(one.begin_time),
    instant(one.end_time),
    isOpen(one) ? 'open' : 'closed',
    one.peak_severity.toFixed(2),
    one.rules.map(printable).join(', '),
    printable(one.sentence),
  ]);
  const lines = rows.length === 0 ? [] : aligned([head, ...rows]);
  const open = anomalies.filter(isOpen).length;
  const all = `${anomalies.length} ${anomalies.length === 1 ? 'anomaly' : 'anomalies'}`;
  return [...lines, `${all}, ${open} open`, ''].join('\n');
}

/** One as a line of JSON: its last record as it is stored, without what the rules knew. */
export const anomalyJson = (one: Anomaly): string =>
  JSON.stringify({ state: isOpen(one) ? 'open' : 'closed', ...one, state_before: undefined });
