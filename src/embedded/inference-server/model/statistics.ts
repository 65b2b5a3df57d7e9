/** What a version of a model has done since it was loaded; times in milliseconds. */
export interface Statistics {
  succeeded(total: number, queued: number): void;
  failed(total: number): void;
  /** A request that was not taken. */
  rejected(): void;
  executed(batchRows: number, answeredRows: number, times: ComputeTimes): void;
  readonly counts: Counts;
}

export interface ComputeTimes {
  readonly input: number;
  readonly infer: number;
  readonly output: number;
}

export interface Timed {
  count: number;
  ms: number;
}

export interface Counts {
  lastInference: number;
  inferences: number;
  executions: number;
  rejections: number;
  readonly success: Timed;
  readonly fail: Timed;
  readonly queue: Timed;
  readonly input: Timed;
  readonly infer: Timed;
  readonly output: Timed;
  /** By rows. */
  readonly batches: Map<number, { count: number; input: number; infer: number; output: number }>;
}

export function openStatistics(): Statistics {
  const none = (): Timed => ({ count: 0, ms: 0 });
  const counts: Counts = {
    lastInference: 0,
    inferences: 0,
    executions: 0,
    rejections: 0,
    success: none(),
    fail: none(),
    queue: none(),
    input: none(),
    infer: none(),
    output: none(),
    batches: new Map(),
  };
  const add = (timed: Timed, count: number, ms: number): void => {
    timed.count += count;
    timed.ms += ms;
  };
  return {
    succeeded: (total, queued) => {
      add(counts.success, 1, total);
      add(counts.queue, 1, queued);
    },
    failed: (total) => {
      add(counts.fail, 1, total);
    },
    rejected: () => {
      counts.rejections++;
    },
    executed: (batchRows, answeredRows, { input, infer, output }) => {
      counts.lastInference = Date.now();
      counts.inferences += answeredRows;
      counts.executions++;
      // Each request of a batch counts the whole batch's time.
      add(counts.input, answeredRows, input * answeredRows);
      add(counts.infer, answeredRows, infer * answeredRows);
      add(counts.output, answeredRows, output * answeredRows);
      const batch = counts.batches.get(batchRows) ?? { count: 0, input: 0, infer: 0, output: 0 };
      counts.batches.set(batchRows, batch);
      batch.count++;
      batch.input += input;
      batch.infer += infer;
      batch.output += output;
    },
    counts,
  };
}
