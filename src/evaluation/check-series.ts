import { DownlinkError } from '../errors.ts';
import type { Series } from './series.ts';

/** Refuses what would give wrong figures without a word: labels outside of the rows, columns of another length, one entity twice. */
export function checkSeries(all: readonly Series[]): void {
  const seen = new Set<string>();
  for (const series of all) {
    if (seen.has(series.entity)) throw unusable(series, 'is there twice; give all its rows and labels at once');
    seen.add(series.entity);
    checkOne(series);
  }
}

function checkOne(series: Series): void {
  const { rows, labels } = series;
  if (!Number.isInteger(rows) || rows < 0) throw unusable(series, `has ${rows} rows; it must be a whole number`);
  for (const name of ['flags', 'telemetry', 'severity'] as const) {
    const length = series[name]?.length ?? rows;
    if (length !== rows) throw unusable(series, `has ${rows} rows, but ${length} values of ${name}; give one a row`);
  }
  for (const { first, last } of labels) {
    const isWithin = Number.isInteger(first) && Number.isInteger(last) && 0 <= first && first <= last && last < rows;
    if (isWithin) continue;
    const remedy = 'mend the label, or leave it out where the telemetry has not come so far';
    throw unusable(series, `has a label ${first} to ${last}, which its rows 0 to ${rows - 1} do not hold; ${remedy}`);
  }
}

const unusable = ({ entity }: Series, why: string) => new DownlinkError('telemetry-unusable', `${entity} ${why}`);
