import { aligned } from '../aligned.ts';
import { instant } from '../instant.ts';
import { printable } from '../printable.ts';
import type { Sight } from '../../stages/detect/observe.ts';
import type { SeenRow } from './recompute.ts';
import type { Anomaly } from './told.ts';

/** What each rule saw of each row; of many sensors only those in which one alarmed. */
export function seenTable(seen: readonly SeenRow[], { begin_index, peak_index }: Anomaly): readonly string[] {
  const all = seen.flatMap(({ sights }) => sights);
  const alarmed = all.filter(({ alarms }) => alarms);
  const sensors = new Set((alarmed.length > 0 ? alarmed : all).map(({ sensor }) => sensor));
  const rules = new Map(all.map(({ rule, factor }) => [rule, factor]));
  const rows = seen.flatMap(({ index, time, sights }) => {
    const marks = `${index === begin_index ? ' begin' : ''}${index === peak_index ? ' peak' : ''}`;
    return [...sensors].map((sensor) => [
      `${index}${marks}`,
      instant(time),
      printable(sensor),
      ...sensorCells(sights.filter((one) => one.sensor === sensor)),
    ]);
  });
  const head = [
    'row',
    'time',
    'sensor',
    'value',
    'error',
    ...[...rules].map(([rule, factor]) => `${rule} > ${factor}`),
  ];
  return aligned([head, ...rows]);
}

function sensorCells(sights: readonly Sight[]): readonly string[] {
  const [first] = sights;
  if (first === undefined) return [];
  return [
    first.value.toPrecision(5),
    first.error.toPrecision(5),
    ...sights.map(({ ratio, alarms }) => `${ratio === undefined ? '-' : ratio.toFixed(3)}${alarms ? ' !' : ''}`),
  ];
}
