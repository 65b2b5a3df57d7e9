import type { SeriesBlock } from '../../contract/index.ts';
import type { Http } from './http.ts';

export interface ReadBack {
  /** How many were looked for. */
  readonly values: number;
  /** How many of them are not there, or with another value. */
  readonly missing: number;
}

interface Line {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (number | string | null)[];
  readonly timestamps: readonly number[];
}

const timeoutMs = 30_000;

/** Looks whether what was written is there: an answer to a write does not prove it. Undefined where the server can't be asked. */
export async function readBack(http: Http, block: SeriesBlock): Promise<ReadBack | undefined> {
  const answer = await http.ask({ method: 'GET', path: `/api/v1/export?${queryFor(block).toString()}`, timeoutMs });
  if ('failed' in answer || answer.status !== 200) return undefined;
  const { series, timestamps, numbers } = block;
  const labels = [...new Set(series.flatMap((one) => Object.keys(one.labels)))];
  // A server may add labels of its own.
  const keyOf = (metric: Readonly<Record<string, string>>) =>
    JSON.stringify(['__name__', ...labels].map((name) => metric[name] ?? ''));
  const found = new Map<string, Set<string>>();
  for (const text of answer.text.split('\n')) {
    if (text === '') continue;
    const line = JSON.parse(text) as Line;
    const key = keyOf(line.metric);
    const points = found.get(key) ?? new Set<string>();
    found.set(key, points);
    for (const [at, timestamp] of line.timestamps.entries()) points.add(pointOf(timestamp, Number(line.values[at])));
  }
  let [values, missing] = [0, 0];
  for (const [place, { metric, labels: own }] of series.entries()) {
    const points = found.get(keyOf({ __name__: metric.name, ...own }));
    for (const [sample, timestamp] of timestamps.entries()) {
      const number = numbers[place * timestamps.length + sample] ?? NaN;
      if (!Number.isFinite(number)) continue;
      values += 1;
      if (points?.has(pointOf(timestamp, number)) !== true) missing += 1;
    }
  }
  return { values, missing };
}

/** Minus zero is zero there. */
const pointOf = (timestamp: number, number: number): string => `${timestamp} ${Math.fround(number) + 0}`;

function queryFor({ series, timestamps }: SeriesBlock): URLSearchParams {
  const names = [...new Set(series.map(({ metric }) => metric.name))];
  const selectors = [`__name__=~${JSON.stringify(names.join('|'))}`];
  for (const [name, value] of Object.entries(series[0]?.labels ?? {}))
    selectors.push(`${name}=${JSON.stringify(value)}`);
  let [first, last] = [Infinity, -Infinity];
  for (const timestamp of timestamps) {
    first = Math.min(first, timestamp);
    last = Math.max(last, timestamp);
  }
  const seconds = (ms: number) => (ms / 1000).toFixed(3);
  return new URLSearchParams({
    'match[]': `{${selectors.join(',')}}`,
    start: seconds(first - 1),
    end: seconds(last + 1),
  });
}
