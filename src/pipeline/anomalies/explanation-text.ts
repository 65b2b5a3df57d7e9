import { aligned } from '../aligned.ts';
import { printable } from '../printable.ts';
import { rangeText, rowText } from './anomaly-text.ts';
import type { Difference } from './differences.ts';
import type { Explanation } from './compare.ts';
import { isOpen } from './newest.ts';
import { seenTable } from './seen-table.ts';
import { keyOf, type Anomaly } from './told.ts';

/** Whether an anomaly comes to the same once more: what was told beside what comes out, and what the rules saw. */
export function explanationText(last: Anomaly, explained: Explanation): string {
  const head = `${printable(last.id)}  ${isOpen(last) ? 'open' : 'closed'}`;
  if ('cannot' in explained) return `${head}\nIt cannot be computed again: ${printable(explained.cannot)}.\n`;
  const { told, seen, rows, differences, because } = explained;
  const answer =
    because === undefined ? 'It comes to the same, to the bit.' : `It does not come to the same: ${because}.`;
  return [
    head,
    `computed again from ${printable(rangeText(last))}: ${rows} rows of ${printable(keyOf(last))}`,
    '',
    ...aligned([['', 'told', 'computed'], ...facts.map((fact) => besides(fact, last, told.at(-1)))]),
    ...fieldsIn(differences),
    '',
    'what the rules saw, in times of what they compare with (! alarms, - compares nothing)',
    ...seenTable(seen, last),
    '',
    printable(answer),
    '',
  ].join('\n');
}

type Fact = readonly [name: string, of: (one: Anomaly) => string];

const facts: readonly Fact[] = [
  ['begin', ({ begin_index, begin_time }) => rowText(begin_index, begin_time)],
  ['end', ({ end_index, end_time }) => rowText(end_index, end_time)],
  ['rules', ({ rules }) => rules.join(', ')],
  ['peak', ({ peak_index, peak_time }) => rowText(peak_index, peak_time)],
  // All its digits: two that differ in a bit have other ones.
  ['severity', ({ peak_severity }) => String(peak_severity)],
  ['what', ({ sentence }) => sentence],
];

function besides([name, of]: Fact, told: Anomaly, computed: Anomaly | undefined): readonly string[] {
  if (computed === undefined) return [name, printable(of(told)), 'nothing'];
  return [name, printable(of(told)), of(told) === of(computed) ? 'the same' : printable(of(computed))];
}

/** What differs in which phase, also where the facts of the last one do not show it. */
function fieldsIn(differences: readonly Difference[]): readonly string[] {
  const phases = [...new Set(differences.map(({ phase }) => phase))];
  return phases.map((phase) => {
    const fields = new Set(differences.filter((one) => one.phase === phase).map(({ field }) => field));
    return `differs as ${phase}: ${[...fields].join(', ')}`;
  });
}
