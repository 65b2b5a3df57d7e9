import { DownlinkError } from '../errors.ts';

/** Rows that belong to an anomaly, both ends included. */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly kind: string;
}

/**
 * telemanom's `labeled_anomalies.csv`: by channel its spans, in order. A channel may stand in several lines (P-2 does), spans
 * are unsorted in some, and lie over each other in some; a channel that stands nowhere (T-10) has no labels, which is
 * not the same as having no anomaly.
 */
export function labeledAnomalies(file: string, text: string): ReadonlyMap<string, readonly Span[]> {
  const [head = '', ...lines] = text.split(/\r?\n/);
  const columns = fieldsOf(head);
  const [id, sequences, kinds] = ['chan_id', 'anomaly_sequences', 'class'].map((name) => columns.indexOf(name));
  const bad = (line: number, why: string) => new DownlinkError('telemetry-unusable', `${file}: line ${line}: ${why}`);
  if (id === undefined || id < 0 || sequences === undefined || sequences < 0)
    throw bad(1, 'it must have the columns chan_id and anomaly_sequences');
  const found = new Map<string, Span[]>();
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const fields = fieldsOf(line);
    const [channel, ranges] = [fields[id] ?? '', fields[sequences] ?? ''];
    const names = (fields[kinds ?? -1] ?? '').match(/[^[\],\s]+/g) ?? [];
    if (!/^\[(\s*\[\s*\d+\s*,\s*\d+\s*\]\s*,?)*\s*\]$/.test(ranges))
      throw bad(at + 2, `anomaly_sequences of ${channel} is no list of [first, last]: ${ranges}`);
    const spans = [...ranges.matchAll(/(\d+)\s*,\s*(\d+)/g)].map(([, first, last], span) => ({
      first: Number(first),
      last: Number(last),
      kind: names[span] ?? 'anomaly',
    }));
    found.set(
      channel,
      [...(found.get(channel) ?? []), ...spans].sort((a, b) => a.first - b.first),
    );
  }
  return found;
}

/** A field with commas in it stands in quotes. */
const fieldsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    (quoted?.replaceAll('""', '"') ?? plain ?? '').trim(),
  );

/** The kinds of anomaly of each of these rows, each kind once. */
export const labelsOf = (spans: readonly Span[], from: number, count: number): readonly (readonly string[])[] =>
  Array.from({ length: count }, (_, at) => [
    ...new Set(spans.flatMap(({ first, last, kind }) => (first <= from + at && from + at <= last ? [kind] : []))),
  ]);
