/** What VictoriaMetrics says of itself on /metrics, as far as it matters to whoever writes to it. */
export interface ServerState {
  /** Empty where it was built without one. */
  readonly version: string;
  /** Seconds since 1970; another number is another process. */
  readonly started: number;
  /** Seconds. */
  readonly uptime: number;
  /** As given on its command line; undefined where it doesn't say. */
  readonly retention: string | undefined;
  readonly deduplication: string | undefined;
  /** Rows that it dropped without an error since it started, of all who write to it, by the reason. */
  readonly dropped: ReadonlyMap<string, number>;
}

/** Undefined where the text is not that of a VictoriaMetrics. */
export function serverState(metrics: string): ServerState | undefined {
  const started = numberOf(metrics, 'vm_app_start_timestamp');
  if (started === undefined) return undefined;
  const dropped = new Map<string, number>();
  const counters = metrics.matchAll(/^vm_rows_(?:ignored|invalid)_total\{(?:reason|type)="([^"]*)"\} (\S+)$/gm);
  for (const [, reason = '', count] of counters) dropped.set(reason, Number(count));
  return {
    version: /^vm_app_version\{[^}]*short_version="([^"]*)"/m.exec(metrics)?.[1] ?? '',
    started,
    uptime: numberOf(metrics, 'vm_app_uptime_seconds') ?? Infinity,
    retention: flag(metrics, 'retentionPeriod'),
    deduplication: flag(metrics, 'dedup.minScrapeInterval'),
    dropped,
  };
}

function numberOf(metrics: string, name: string): number | undefined {
  const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics);
  return found === null ? undefined : Number(found[1]);
}

const flag = (metrics: string, name: string): string | undefined =>
  new RegExp(`^flag\\{name="${name.replace('.', '\\.')}", ?value="([^"]*)"`, 'm').exec(metrics)?.[1];

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
const monthMs = 31 * 86_400_000;

/** A duration as VictoriaMetrics writes it (`1h30m`); a bare number is a number of months. */
export function durationMs(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * monthMs;
  if (!/^(\d+(\.\d+)?(ms|[smhdwy]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g))
    sum += Number(count) * (units[unit] ?? 0);
  return sum;
}

const tenYearsMs = 10 * 31_536_000_000;

/** What will be lost or doubled of what is written to it, in words for whoever runs it. */
export function concernsOf({ retention, deduplication }: ServerState, now: Date): readonly string[] {
  const concerns: string[] = [];
  const kept = retention === undefined ? undefined : durationMs(retention);
  if (kept === undefined)
    concerns.push('it does not say how long it keeps data: samples that are older are dropped without an error');
  else if (kept < tenYearsMs) {
    const before = new Date(now.getTime() - kept).toISOString().slice(0, 16);
    concerns.push(`-retentionPeriod=${retention}: samples from before ${before} are dropped without an error`);
  }
  const apart = deduplication === undefined ? undefined : durationMs(deduplication.replace(/^0$/, '0s'));
  if (apart === undefined || apart === 0)
    concerns.push(
      'no deduplication: what is written a second time after a failure is counted twice; set -dedup.minScrapeInterval=1ms',
    );
  else if (apart > 1)
    concerns.push(`-dedup.minScrapeInterval=${deduplication}: of all samples within that time one is kept; set 1ms`);
  return concerns;
}
