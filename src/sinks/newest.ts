import type { Sent, SeriesBlock } from '../contract/index.ts';
import type { Emit, NewestValue } from '../telemetry/events.ts';

export interface NewestSink {
  write(values: readonly Sent<SeriesBlock>[], signal: AbortSignal): Promise<void>;
}

/** Where no program outside takes the values: the newest of each series stand on the process' own /metrics. */
export function openNewest({ stage, emit }: { readonly stage: string; readonly emit: Emit }): NewestSink {
  return {
    write: (values) => {
      for (const { key, value } of values) emit({ event: 'newest', stage, key, values: () => newestOf(value) });
      return Promise.resolve();
    },
  };
}

function* newestOf({ series, timestamps, numbers }: SeriesBlock): Generator<NewestValue> {
  const count = timestamps.length;
  for (const [place, { metric, labels }] of series.entries()) {
    const number = numbers.subarray(place * count, (place + 1) * count).findLast((one) => Number.isFinite(one));
    if (number !== undefined) yield { ...metric, labels, number };
  }
}
