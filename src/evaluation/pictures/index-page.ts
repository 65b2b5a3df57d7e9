import { partText, rateText, rowsText, shareText, wholeText } from '../as-text.ts';
import type { Evaluation } from '../evaluate.ts';
import type { Figures } from '../figures.ts';
import type { Series } from '../series.ts';
import { escaped } from './escaped.ts';
import { svgOf } from './svg-of.ts';

const style = `
:root { color-scheme: light; } body { font: 15px ui-sans-serif, system-ui, sans-serif; color: #1f2733; background: #fff; margin: 2rem auto; max-width: 1100px; }
table { border-collapse: collapse; } th, td { padding: .2rem .7rem; text-align: right; font-variant-numeric: tabular-nums; }
th { border-bottom: 1px solid #8b97a6; text-align: right; } td:first-child, th:first-child { text-align: left; }
tbody tr:nth-child(even) { background: #f5f7f9; } svg { max-width: 100%; height: auto; } section { margin-top: 2rem; }
`;

type Entity = Evaluation['entities'][number];

/** All entities with their figures and pictures, the worst first, in one file that needs no other. */
export function indexPage(all: readonly Series[], { entities, total, gate }: Evaluation): string {
  const pictures = new Map(all.map((series) => [series.entity, svgOf(series)]));
  const sorted = entities.toSorted(worstFirst);
  const verdict = gate.passed ? 'The gate is passed.' : `The gate is not passed. ${gate.because.join(' ')}`;
  const rows = sorted.map(({ entity, figures }, at) => rowOf(`<a href="#e${at}">${escaped(entity)}</a>`, figures));
  const sections = sorted.map(({ entity }, at) => `<section id="e${at}">${pictures.get(entity) ?? ''}</section>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>What the detector found</title>
<style>${style}</style>
<h1>What the detector found</h1>
<p>${escaped(verdict)} Worst first; figures are of events, strict ones of alarms that begin inside a label.</p>
<table>
<thead><tr>${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead>
<tbody>
${[rowOf('all', total), ...rows].join('\n')}
</tbody>
</table>
${sections.join('\n')}
</html>
`;
}

/** By what an operator was told wrongly or not at all; then by how little was right, how late, and the name. */
function worstFirst(one: Entity, other: Entity): number {
  const mistakes = ({ figures: { onsets } }: Entity): number => onsets.wrong + onsets.missed;
  const right = ({ figures: { onsets } }: Entity): number => onsets.f1 ?? 1;
  const late = ({ figures: { delay } }: Entity): number => delay.p50 ?? 0;
  return (
    mistakes(other) - mistakes(one) ||
    right(one) - right(other) ||
    late(other) - late(one) ||
    (one.entity < other.entity ? -1 : 1)
  );
}

const head = [
  'entity',
  'labels',
  'found',
  'false',
  'missed',
  'F1',
  'begun in',
  'begun out',
  'strict F1',
  'in alarm',
  'false in 100,000 rows',
  'delay',
];

function rowOf(name: string, { labels, events, onsets, ...more }: Figures): string {
  const cells = [
    name,
    ...[labels, events.found, events.wrong, events.missed].map(wholeText),
    partText(events.f1),
    ...[onsets.found, onsets.wrong].map(wholeText),
    partText(onsets.f1),
    shareText(more.timeInAlarm),
    rateText(more.falseAlarmsPer100k),
    rowsText(more.delay.p50),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}
