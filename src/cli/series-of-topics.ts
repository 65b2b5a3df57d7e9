import { entitiesNamed } from '../config/entities-named.ts';
import { DownlinkError } from '../errors.ts';
import { figuresOfAll } from '../evaluation/figures-of-all.ts';
import type { Series } from '../evaluation/series.ts';
import { toMetrics } from '../evaluation/to-metrics.ts';
import { openCollection, type Collection } from '../pipeline/judged/collection.ts';
import { followFeeds, judgedFeeds, labelFeeds, readFeeds } from '../pipeline/judged/feeds.ts';
import type { FlaggedBy, Window } from '../pipeline/judged/judged-entity.ts';
import { openMetrics, type Metrics } from '../telemetry/metrics.ts';
import { startTelemetry } from '../telemetry/server.ts';
import { labelsFrom } from './labels-option.ts';
import type { Shell } from './verb.ts';
import type { Tools } from './with-kafka-and-registry.ts';

export interface TopicsOptions {
  readonly entity: readonly string[];
  readonly labels?: string;
  readonly from?: number;
  readonly until?: number;
  readonly scoreAbove?: number | 'threshold';
  readonly live?: true;
  readonly metricsPort: number;
  readonly host: string;
}

/** What a running system has scored and told; with `live`, until it is told to stop. */
export async function seriesOfTopics(
  { topology, fetcher, registry }: Tools,
  options: TopicsOptions,
  shell: Shell,
): Promise<readonly Series[]> {
  const named = entitiesNamed(topology, options.entity);
  if ('wrong' in named) throw new DownlinkError('config-invalid', named.wrong.join('; '));
  const { from = -Infinity, until = Infinity, scoreAbove } = options;
  const window: Window = { from, until };
  const flaggedBy: FlaggedBy = scoreAbove === undefined ? 'anomalies' : { scoreAbove };
  const labels = labelsFrom(options.labels);
  const collection = openCollection({ topology, entities: named.entities, flaggedBy, window, labels });
  const note = (line: string): void => shell.err(`${line}\n`);
  const feeds = [
    ...labelFeeds(topology, registry, labels, note),
    ...judgedFeeds(topology, registry, flaggedBy, collection, note),
  ];
  if (options.live === true)
    await whileTold(options, shell, collection, (signal) => followFeeds(fetcher, feeds, note, signal));
  else await readFeeds(fetcher, feeds);

  for (const line of [...labels.unusable(), ...collection.leftOut()]) note(line);
  const series = collection.series();
  if (series.some((one) => one.labels.length > 0)) return series;
  throw new DownlinkError(
    'telemetry-unusable',
    'of what was scored nothing is labelled, so nothing can be judged; ' +
      'replay telemetry that has labels, or give --labels FILE',
  );
}

/** Metrics are served while it goes on. */
async function whileTold(
  { host, metricsPort: port }: TopicsOptions,
  shell: Shell,
  collection: Collection,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  shell.untilToldToStop().then(stop, stop);
  const server = await startTelemetry({ metrics: metricsOf(collection), readiness: { reasons: () => [] }, host, port });
  shell.err(`judging what comes; ${server.url}/metrics; ^C ends it with the report\n`);
  try {
    // Whatever it waits for: told to stop, it ends.
    await Promise.race([work(stopping.signal), stopped]);
  } finally {
    stop();
    await server.close();
  }
}

/** Counting takes a while where much was scored: not more often than this, however often somebody asks. */
const atMostEveryMs = 3_000;

function metricsOf(collection: Collection): Metrics {
  const metrics = openMetrics();
  let [counted, at, of] = [figuresOfAll([]), -Infinity, 0];
  const values = () => {
    if (collection.taken() !== of && performance.now() - at >= atMostEveryMs) {
      of = collection.taken();
      counted = figuresOfAll(collection.series());
      at = performance.now();
    }
    return toMetrics(counted);
  };
  metrics.listen({ event: 'newest', stage: 'evaluate', key: 'figures', values });
  return metrics;
}
