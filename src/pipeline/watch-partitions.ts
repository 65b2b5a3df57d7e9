import type { Cluster } from '../kafka/cluster.ts';
import { classify, type DownlinkError } from '../errors.ts';
import { partitionCounts } from '../kafka/partition-counts.ts';
import type { Emit } from '../telemetry/events.ts';
import { grown } from './wirings.ts';

export interface WatchOptions {
  readonly cluster: Cluster;
  /** As they were at the start, by topic. */
  readonly counts: ReadonlyMap<string, number>;
  /** The source of each stage. */
  readonly sources: ReadonlyMap<string, string>;
  readonly everyMs: number;
  readonly onChange: (error: DownlinkError) => void;
}

/** Looks at the numbers of partitions at each generation, and from time to time: a new one tells nobody of itself. */
export function watchPartitions(options: WatchOptions): { readonly listen: Emit; close(): void } {
  const { cluster, counts, sources, everyMs, onChange } = options;
  let open = true;
  const differs = (topic: string, now: number): void => {
    const before = counts.get(topic) ?? now;
    if (before === now || !open) return;
    close();
    onChange(grown(topic, before, now));
  };
  const look = (): void => {
    partitionCounts(cluster, [...counts.keys()])
      .then((found) => {
        // A topic that is gone altogether fails by itself, with the broker's own words.
        for (const [topic, now] of found) differs(topic, now);
      })
      .catch((thrown: unknown) => {
        const error = classify(thrown);
        if (error.verdict !== 'retry' && open) onChange(error);
      });
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  const close = (): void => {
    open = false;
    clearInterval(timer);
  };
  const listen: Emit = (event) => {
    if (event.event !== 'generation') return;
    const topic = sources.get(event.stage);
    const most = Math.max(-1, ...event.partitions) + 1;
    if (topic !== undefined && most > (counts.get(topic) ?? most)) differs(topic, most);
    else look();
  };
  return { listen, close };
}
