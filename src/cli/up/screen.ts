import type { Records } from '../../contract/index.ts';
import { printable } from '../../pipeline/printable.ts';
import { sharesText } from '../../pipeline/tail/shares-text.ts';
import type { EntityView, PartView, View } from './view.ts';

type Anomaly = Records['anomaly'];

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Shown {
  readonly now: number;
  readonly size: Size;
  readonly colour: boolean;
  /** What to do next, a line each. */
  readonly next: readonly string[];
}

type Paint = (text: string) => string;

interface Paints {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
}

const paintsOf = (colour: boolean): Paints => {
  const paint =
    (code: string): Paint =>
    (text) =>
      colour && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: paint('1'), dim: paint('2'), red: paint('1;31'), green: paint('32'), yellow: paint('33') };
};

/** A sample that is so old is no news of what is now. */
const silentMs = 10_000;
const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'] as const;

/** One screen, as lines that fit: what is watched, what was found, what is wrong, what to do next. */
export function screen(view: View, shown: Shown): readonly string[] {
  const { size, next } = shown;
  const paint = paintsOf(shown.colour);
  const entities = [...view.entities.values()];
  const top = [...headOf(view, shown, paint), '', ...fleetOf(entities, shown, paint), ''];
  const foot = next.length === 0 ? [] : ['', ...next.flatMap((line) => wrapped(line, size.columns))];
  const troubles = troublesOf(view, shown, paint);
  const room = size.rows - top.length - foot.length - troubles.length;
  const anomalies = anomaliesOf(view, shown, paint, room);
  const lines = [...top, ...anomalies, ...troubles];
  return [...lines.slice(0, Math.max(0, size.rows - foot.length)), ...foot].slice(0, size.rows);
}

function headOf(view: View, { now, size }: Shown, paint: Paints): readonly string[] {
  const entities = [...view.entities.values()];
  const rate = entities.reduce((sum, one) => sum + one.rate, 0);
  const scored = entities.reduce((sum, { samples }) => sum + samples, 0);
  const open = entities.filter(({ anomaly }) => anomaly !== undefined).length;
  const state: Piece =
    open > 0 ? [`${open} of ${entities.length} with an anomaly`, paint.red] : [`${entities.length} entities`];
  const figures = [`${number(rate)} samples/s`, `${count(scored)} scored`, `up ${span(now - view.began)}`];
  const title: Piece = [`downlink ${printable(view.topology)}`, paint.bold];
  const named = [...view.parts.values()].map((part) => partPiece(part, paint));
  const found = [...view.parts.values()].map(({ addresses }, at): Piece => {
    const [text, own] = named[at] ?? [''];
    return [[text, ...addresses].join(' '), own];
  });
  // Where there is room for all of them.
  const parts = widthOf(found) <= size.columns ? found : named;
  const elsewhere = view.elsewhere.map((one): Piece => [`◇ ${printable(one)}`, paint.dim]);
  return [[title, state, ...figures.map((one): Piece => [one])], parts, elsewhere]
    .filter((pieces) => pieces.length > 0)
    .map((pieces) => inColumns(pieces, size.columns));
}

/** Text and how it is painted, which takes no room. */
type Piece = readonly [text: string, paint?: Paint | undefined];

const widthOf = (pieces: readonly Piece[]): number => pieces.map(([text]) => text).join(gap).length;

/** As many as there is room for. */
function inColumns(pieces: readonly Piece[], columns: number): string {
  let left = columns;
  const shown = pieces.flatMap(([text, paint], at) => {
    const room = left - (at === 0 ? 0 : gap.length);
    left = room - text.length;
    if (room <= 1) return [];
    const own = cut(text, room);
    return paint === undefined ? own : paint(own);
  });
  return shown.join(gap);
}

const gap = '   ';

function partPiece({ name, state }: PartView, { red, green, yellow }: Paints): Piece {
  if (state === 'running') return [`● ${name}`, green];
  if (state === 'starting') return [`○ ${name} starts`, yellow];
  return [`✖ ${name} ${state === 'dead' ? 'died' : 'cannot run'}`, red];
}

/** Satellites with their entities, each in a line. */
function fleetOf(entities: readonly EntityView[], { now, size, colour }: Shown, paint: Paints): readonly string[] {
  const names = Math.max(8, ...entities.map(({ name }) => name.length + 2));
  // Two columns between name, course, score, limit, state, rate and lag.
  const width = Math.max(10, Math.min(120, size.columns - names - 6 - 6 - 10 - 6 - 6 - 12));
  const cells = (name: string, course: string, figures: readonly string[], state: string, rest: readonly string[]) =>
    [name, course, ...figures.map((one) => one.padStart(6)), state, ...rest.map((one) => one.padStart(6))].join('  ');
  const title = `score, ${width} s`.padEnd(width);
  const lines = [paint.dim(cells(''.padEnd(names), title, ['now', 'limit'], 'state'.padEnd(10), ['rate', 'lag']))];
  let satellite: string | undefined;
  for (const one of entities) {
    if (one.satellite !== satellite) lines.push(paint.bold(printable(one.satellite)));
    satellite = one.satellite;
    const state = stateOf(one, now);
    lines.push(
      cells(
        `  ${printable(one.name)}`.padEnd(names),
        spark(one, Math.floor(now / 1_000), width, paint, colour),
        [short(one.score), short(one.threshold)],
        paint[state.paint](state.text.padEnd(10)),
        [`${number(one.rate)}/s`, Number.isNaN(one.measured) ? '–' : span(now - one.measured)],
      ),
    );
  }
  return lines;
}

function stateOf(one: EntityView, now: number): { readonly text: string; readonly paint: keyof Paints } {
  if (Number.isNaN(one.seen)) return { text: 'no sample', paint: 'dim' };
  if (one.anomaly !== undefined) return { text: 'ANOMALY', paint: 'red' };
  if (now - one.seen > silentMs) return { text: 'silent', paint: 'yellow' };
  if (one.detected) return { text: 'over limit', paint: 'red' };
  if (one.warming) return { text: 'warming', paint: 'yellow' };
  return { text: 'quiet', paint: 'green' };
}

/** A second a column, the newest at the right; as high as the score is on its way to the limit, and full above it. */
function spark(
  { marks, threshold }: EntityView,
  second: number,
  width: number,
  paint: Paints,
  colour: boolean,
): string {
  const bySecond = new Map(marks.map((mark) => [mark.second, mark]));
  let line = '';
  for (let at = second - width; at < second; at++) {
    const mark = bySecond.get(at);
    if (mark === undefined) line += ' ';
    else if (mark.detected || mark.score > threshold) line += colour ? paint.red('█') : '█';
    else line += bars.at(Math.min(bars.length - 1, Math.floor((bars.length * mark.score) / threshold))) ?? ' ';
  }
  return line;
}

/** The newest first: those that are open before those that are over. */
function anomaliesOf(view: View, { size, now }: Shown, paint: Paints, room: number): readonly string[] {
  const all = [...view.anomalies.values()].reverse();
  const sorted = [...all.filter(({ phase }) => phase !== 'closed'), ...all.filter(({ phase }) => phase === 'closed')];
  const lines = [paint.bold('anomalies'), ...(sorted.length === 0 ? [paint.dim('  none so far')] : [])];
  for (const anomaly of sorted) {
    const two = anomalyLines(anomaly, size.columns, now, paint);
    if (lines.length + two.length > Math.max(3, room)) break;
    lines.push(...two);
  }
  return lines;
}

function anomalyLines(anomaly: Anomaly, columns: number, now: number, paint: Paints): readonly string[] {
  const { satellite_id, entity, phase, begin_time, end_time, peak_severity, sentence, sensors } = anomaly;
  const isOpen = phase !== 'closed';
  const when = isOpen ? `for ${span(now - begin_time)}` : `${span(end_time - begin_time)} long`;
  const how = `severity ${peak_severity.toFixed(1)}`;
  const head = `  ${clock(begin_time)}  ${printable(`${satellite_id}/${entity}`)}  ${isOpen ? 'open' : 'over'}  ${when}  ${how}`;
  const shares = sharesText(sensors);
  const body = `            ${printable(sentence)}${shares === '' ? '' : `; ${printable(shares)}`}`;
  return [isOpen ? paint.red(cut(head, columns)) : cut(head, columns), cut(body, columns)];
}

/** What went wrong lately, and what was done about it. */
function troublesOf({ troubles }: View, { size, now }: Shown, paint: Paints): readonly string[] {
  const recent = troubles.filter(({ at, bad }) => now - at < (bad ? 120_000 : 30_000)).slice(-5);
  if (recent.length === 0) return [];
  const lines = recent.map(({ at, part, text, bad }) => {
    const line = cut(`  ${clock(at)}  ${part}: ${printable(text)}`, size.columns);
    return bad ? paint.yellow(line) : line;
  });
  return ['', paint.bold('what happens'), ...lines];
}

const cut = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;

/** Whole, so that it can be copied: the further lines stand below what comes behind the first colon. */
function wrapped(text: string, columns: number): readonly string[] {
  const lines = [''];
  const indent = ' '.repeat(/^[^:]*: */.exec(text)?.[0].length ?? 0);
  for (const word of text.split(/(?<= )/)) {
    const line = lines.at(-1) ?? '';
    if (line.trim() !== '' && line.length + word.trimEnd().length > columns) lines.push(indent + word);
    else lines[lines.length - 1] = line + word;
  }
  return lines;
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
const short = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(value < 10 ? 4 : 1));
const number = (value: number): string =>
  value < 10 ? value.toFixed(1) : value < 1_000 ? value.toFixed(0) : `${(value / 1_000).toFixed(1)}k`;
const count = (value: number): string => value.toLocaleString('en-US');

export function span(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
