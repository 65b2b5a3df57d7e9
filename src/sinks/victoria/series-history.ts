import { DownlinkError } from '../../errors.ts';

/** A series as VictoriaMetrics has it: its points in the order of their times. */
export interface StoredSeries {
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
}

export interface SeriesHistory {
  /** Of each metric the points between two times, both in milliseconds; empty where there are none. */
  of(
    metrics: readonly string[],
    labels: Readonly<Record<string, string>>,
    from: number,
    to: number,
  ): Promise<readonly StoredSeries[]>;
}

const withinMs = 10_000;
/** Some million points. */
const mostBytes = 48 << 20;

/** Reads back what was exported, point by point: what is drawn from steps has lost what stood out. */
export function openSeriesHistory(address: string): SeriesHistory {
  return {
    of: async (metrics, labels, from, to) => {
      const body = new URLSearchParams();
      const selector = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      for (const metric of metrics) body.append('match[]', `${metric}{${selector.join(',')}}`);
      body.append('start', String(from / 1000));
      body.append('end', String(to / 1000));
      const lines = await exported(`${address}/api/v1/export`, body);
      return metrics.map((metric) => joined(lines.filter(({ name }) => name === metric)));
    },
  };
}

interface Line extends StoredSeries {
  readonly name: string;
}

async function exported(url: string, body: URLSearchParams): Promise<readonly Line[]> {
  try {
    const answer = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(withinMs) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      if (bytes > mostBytes)
        throw new DownlinkError('victoria-refused', 'the range holds too much; ask for less at a time');
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8').split('\n').flatMap(lineIn);
  } catch (thrown) {
    if (thrown instanceof DownlinkError) throw thrown;
    throw new DownlinkError('victoria-unavailable', `reading back from VictoriaMetrics: ${String(thrown)}`, {
      cause: thrown,
    });
  }
}

function lineIn(text: string): readonly Line[] {
  if (text === '') return [];
  const { metric, timestamps, values } = JSON.parse(text) as {
    readonly metric: Readonly<Record<string, string>>;
    readonly timestamps: readonly number[];
    readonly values: readonly number[];
  };
  return [{ name: metric['__name__'] ?? '', timestamps, values }];
}

/** A long series comes in several lines. */
function joined(lines: readonly Line[]): StoredSeries {
  const points = lines.flatMap(({ timestamps, values }) =>
    timestamps.map((time, at) => [time, values[at] ?? NaN] as const),
  );
  points.sort(([a], [b]) => a - b);
  return { timestamps: points.map(([time]) => time), values: points.map(([, value]) => value) };
}
