import { meanText, partText, rateText, rowsText, shareText, wholeText } from './as-text.ts';
import { columns } from './columns.ts';
import type { Rival, Spread } from './compare.ts';
import type { Evaluation } from './evaluate.ts';
import type { Figures, Rates } from './figures.ts';
import type { Gate } from './gate.ts';

/** All of an evaluation for a terminal, in the order in which it should be believed. */
export function report({ entities, total, rivals, leftOut, gate }: Evaluation): string {
  const table = [head, ...entities.map(({ entity, figures }) => cells(entity, figures)), cells('all', total)];
  const parts = [
    columns(table),
    totals(total),
    [
      'beside what does not look',
      ...columns([rivalHead, detectorCells(total), ...rivals.map(rivalCells)]),
      ...rivals.map(({ name, does }) => `${name}: ${does}`),
      ...leftOut,
    ],
    verdict(gate, total),
    flattering(total, rivals),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const head = [
  'entity',
  'rows',
  'labels',
  'alarms',
  'found',
  'false',
  'missed',
  'F1',
  'begun in',
  'begun out',
  'strict F1',
  'in alarm',
  'delay',
  'point F1',
];

const cells = (name: string, { rows, labels, alarms, events, onsets, points, ...more }: Figures): readonly string[] => [
  name,
  ...[rows, labels, alarms, events.found, events.wrong, events.missed].map(wholeText),
  partText(events.f1),
  ...[onsets.found, onsets.wrong].map(wholeText),
  partText(onsets.f1),
  shareText(more.timeInAlarm),
  rowsText(more.delay.p50),
  partText(points.f1),
];

function totals(total: Figures): readonly string[] {
  const { events, onsets, points, delay } = total;
  const line = (name: string, rates: Rates): readonly string[] => [
    name,
    ...[rates.found, rates.wrong, rates.missed].map(wholeText),
    ...[rates.precision, rates.recall, rates.f1, rates.fHalf].map(partText),
  ];
  const figures = columns([
    ['in all', 'found', 'false', 'missed', 'precision', 'recall', 'F1', 'F0.5'],
    line('labels that an alarm touches', events),
    line('labels in which an alarm begins', onsets),
    line('rows', points),
  ]);
  const alarms = rateText(total.falseAlarmsPer100k);
  return [
    ...figures,
    `in alarm ${shareText(total.timeInAlarm)} of the time, false alarms in 100,000 rows: ${alarms}`,
    `rows from the start of a label to the first flag in it: half within ${rowsText(delay.p50)}, nine tenths within ${rowsText(delay.p90)}`,
  ];
}

const rivalHead = ['', 'found', 'false', 'F1', 'begun in', 'begun out', 'strict F1', 'in alarm', 'to beat'];

const detectorCells = ({ events, onsets, timeInAlarm }: Figures): readonly string[] => [
  'the detector',
  ...[events.found, events.wrong].map(wholeText),
  partText(events.f1),
  ...[onsets.found, onsets.wrong].map(wholeText),
  partText(onsets.f1),
  shareText(timeInAlarm),
  '',
];

const rivalCells = ({ name, draws, events, onsets, ...rival }: Rival): readonly string[] => [
  draws > 1 ? `${name} (${draws} draws: mean, most)` : name,
  ...[events.found, events.wrong].map(meanText),
  spread(rival.eventF1),
  ...[onsets.found, onsets.wrong].map(meanText),
  spread(rival.strictF1),
  shareText(rival.timeInAlarm),
  partText(rival.toBeat),
];

const spread = ({ mean, max }: Spread): string =>
  mean === max ? partText(mean) : `${partText(mean)}, ${partText(max)}`;

function verdict({ passed, strictF1, because }: Gate, { timeInAlarm }: Figures): readonly string[] {
  if (!passed) return ['gate: not passed', ...because];
  const [own, time] = [partText(strictF1), shareText(timeInAlarm)];
  return [
    'gate: passed',
    `Its strict F1, ${own}, is above that of all others in no more time in alarm than its own, ${time}.`,
  ];
}

function flattering({ adjusted }: Figures, rivals: readonly Rival[]): readonly string[] {
  const rows = rivals.map(({ name, adjustedF1 }) => [name, spread(adjustedF1)]);
  return [
    'flatters',
    'Point-adjusted F1, where one flag in a labelled stretch counts as a flag in all its rows: proof of nothing.',
    ...columns([['the detector', partText(adjusted.f1)], ...rows]),
  ];
}
