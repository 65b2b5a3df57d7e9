import type { Variable } from '../../dashboards/dashboards.ts';

export interface Answer {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

export interface When {
  readonly url: string;
  /** Unix seconds. */
  readonly at?: number;
}

/** The series that a query has at one time, with their numbers. */
export async function ask({ url, at }: When, query: string): Promise<readonly Answer[]> {
  const time = at === undefined ? {} : { time: `${at}` };
  return answersOf(await call(`${url}/api/v1/query`, { query, ...time }));
}

/** As a panel asks, of a quarter of an hour, but in small steps: one point alone VictoriaMetrics leaves out of sums. */
export async function askOverTime({ url }: When, query: string): Promise<readonly Answer[]> {
  // Points that lie ahead VictoriaMetrics fills with those before them.
  const end = Math.floor(Date.now() / 1000);
  return answersOf(await call(`${url}/api/v1/query_range`, { query, start: `${end - 900}`, end: `${end}`, step: '1' }));
}

interface Body {
  readonly error?: string;
  readonly data: unknown;
}

async function call(address: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  // What is asked for while it is written must not be remembered.
  const body = new URLSearchParams({ ...parameters, nocache: '1' });
  const response = await fetch(address, { method: 'POST', body });
  const { error, data } = (await response.json()) as Body;
  if (error !== undefined) throw new Error(`${parameters['query'] ?? address}: ${error}`);
  return data;
}

function answersOf(data: unknown): readonly Answer[] {
  type Point = readonly [number, string];
  const { result } = data as {
    result: readonly { metric: Record<string, string>; value?: Point; values?: readonly Point[] }[];
  };
  return result
    .map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
      metric,
      values: values.map(([, text]) => Number(text)).filter((number) => !Number.isNaN(number)),
    }))
    .filter(({ values }) => values.length > 0);
}

/** What stands in place of Grafana's variables: it makes the rates' interval of the scrapes', and that is a minute at least. */
export const asGrafana = (expr: string, chosen: Readonly<Record<string, string>>): string =>
  Object.entries({ __rate_interval: '1m', __range: '15m', ...chosen }).reduce(
    (text, [name, value]) => text.replaceAll(`$${name}`, value),
    expr,
  );

/** What a variable offers, in Grafana's order. */
export async function optionsOf(when: When, variable: Variable, chosen: Readonly<Record<string, string>>) {
  const query = asGrafana(variable.query.query, chosen);
  const labels = /^label_values\((.*), (\w+)\)$/.exec(query);
  if (labels !== null) {
    const [, series = '', label = ''] = labels;
    return (await call(`${when.url}/api/v1/label/${label}/values`, { 'match[]': series })) as readonly string[];
  }
  const found = await ask(when, /^query_result\((.*)\)$/.exec(query)?.[1] ?? query);
  const regex = new RegExp((variable.regex ?? '').slice(1, -1));
  const shown = found.map(
    ({ metric, values }) =>
      `{${Object.entries(metric)
        .map(([name, value]) => `${name}="${value}"`)
        .join(',')}} ${values[0] ?? ''}`,
  );
  return shown.flatMap((text) => regex.exec(text)?.[1] ?? []);
}

/** The series that a query names, so that none is alive only by what stands beside it. */
export const seriesIn = (query: string): readonly string[] => [
  ...new Set(query.match(/\b(?:(?:smap|downlink|nv)_\w+|up\b)(?:\{[^}]*\})?/g)),
];
