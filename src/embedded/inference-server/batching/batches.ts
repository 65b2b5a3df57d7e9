import type { Step } from './step.ts';

export interface BatchRules {
  /** Rows. */
  readonly most: number;
  /** Rows, ascending; a batch of such a size does not wait for more. */
  readonly preferred: readonly number[];
  /** How long a request may wait for others. */
  readonly delayMs: number;
}

interface Bucket {
  readonly steps: Step[];
  from: number;
  rows: number;
}

/** Requests that wait to be run, and what of them would be the next batch. Only requests of equal shapes can share one. */
export interface Batches {
  add(step: Step): void;
  /** Undefined: there is none yet. Those that were cancelled are left out and handed to `dropped`. */
  take(now: number): readonly Step[] | undefined;
  /** When `take` will have one; infinite: nothing waits. */
  due(): number;
  readonly waiting: number;
}

export function openBatches({ most, preferred, delayMs }: BatchRules): Batches {
  const buckets = new Map<number | string, Bucket>();
  const largest = preferred.at(-1) ?? 0;
  let waiting = 0;

  const headOf = ({ steps, from }: Bucket): number => steps[from]?.ready ?? Infinity;
  const dueOf = (bucket: Bucket): number =>
    delayMs === 0 || bucket.rows >= most || (largest > 0 && bucket.rows >= largest)
      ? headOf(bucket)
      : headOf(bucket) + delayMs;

  const earliest = (): Bucket | undefined => {
    let found: Bucket | undefined;
    for (const bucket of buckets.values()) if (found === undefined || dueOf(bucket) < dueOf(found)) found = bucket;
    return found;
  };

  const cut = (bucket: Bucket): Step[] => {
    const limit = Math.min(bucket.rows, most);
    const wanted = preferred.findLast((size) => size <= limit) ?? limit;
    const batch: Step[] = [];
    let rows = 0;
    for (let step = bucket.steps[bucket.from]; step !== undefined; step = bucket.steps[bucket.from]) {
      // A request that has more rows than is wanted goes alone.
      if (batch.length > 0 && rows + step.rows > wanted) break;
      batch.push(step);
      rows += step.rows;
      bucket.from++;
    }
    bucket.rows -= rows;
    return batch;
  };

  return {
    add: (step) => {
      let bucket = buckets.get(step.shapeKey);
      if (bucket === undefined) buckets.set(step.shapeKey, (bucket = { steps: [], from: 0, rows: 0 }));
      bucket.steps.push(step);
      bucket.rows += step.rows;
      waiting++;
    },
    take: (now) => {
      const bucket = earliest();
      if (bucket === undefined || dueOf(bucket) > now) return undefined;
      const batch = cut(bucket);
      waiting -= batch.length;
      if (bucket.from === bucket.steps.length) {
        bucket.steps.length = 0;
        bucket.from = 0;
        // Shapes that come rarely must not pile up.
        if (buckets.size > 8) for (const [key, { steps }] of buckets) if (steps.length === 0) buckets.delete(key);
      } else if (bucket.from > 1024) {
        bucket.steps.splice(0, bucket.from);
        bucket.from = 0;
      }
      return batch;
    },
    due: () => {
      const bucket = earliest();
      return bucket === undefined ? Infinity : dueOf(bucket);
    },
    get waiting() {
      return waiting;
    },
  };
}
