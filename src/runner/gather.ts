import { classify } from '../errors.ts';
import type { RecordView } from '../kafka/records/record-views.ts';
import type { Chunk } from '../kafka/reader/chunk.ts';
import type { Clock } from './clock.ts';

export interface GatherLimits {
  /** Since the first record: how long to wait for more. */
  readonly maxWaitMs: number;
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** Whether there is nothing to wait for; what is there already comes along all the same. By the records' keys. */
  readonly isFull?: (keys: Iterable<string | null>) => boolean;
}

/** Records of one partition in the order of their offsets, at least one. */
export interface Gathered {
  readonly records: readonly RecordView[];
  /** Behind the last of them. */
  readonly next: bigint;
  /** How many more wait in the partition. */
  readonly behind: bigint;
  readonly bytes: number;
}

/**
 * Joins what comes in chunks to what is worked on in turns; undefined when there is nothing more to be worked on. Says when it
 * has a first record.
 */
export interface Gather {
  next(signal: AbortSignal, onFirst?: () => void): Promise<Gathered | undefined>;
}

interface Chunks {
  next(): Promise<Chunk>;
}

export function openGather(source: Chunks, limits: GatherLimits, clock: Clock): Gather {
  let current: Iterator<RecordView> = [].values();
  let end = 0n;
  /** Behind the last record of the chunk and what follows it that is for nobody: markers, what was aborted. */
  let behindChunk = 0n;
  let waiting: Promise<Chunk> | undefined;

  const ask = (): Promise<Chunk> => {
    if (waiting !== undefined) return waiting;
    waiting = source.next();
    // Whoever asks next hears of it; until then it must not count as a failure that nobody hears of.
    waiting.catch(() => undefined);
    return waiting;
  };
  const take = (chunk: Chunk): void => {
    waiting = undefined;
    current = chunk.records()[Symbol.iterator]();
    end = chunk.highWatermark;
    behindChunk = chunk.position;
  };

  const next = async (signal: AbortSignal, onFirst?: () => void): Promise<Gathered | undefined> => {
    const records: RecordView[] = [];
    let bytes = 0;
    let until = Infinity;
    while (!signal.aborted) {
      for (let found = current.next(); found.done !== true; found = current.next()) {
        if (records.length === 0) onFirst?.();
        records.push(found.value);
        bytes += found.value.size;
        if (records.length >= limits.maxRecords || bytes >= limits.maxBytes) return gathered(records, end, bytes);
      }
      if (records.length > 0 && limits.isFull?.(keysOf(records)) === true)
        return gathered(records, end, bytes, behindChunk);
      if (records.length > 0 && until === Infinity) until = clock.now() + limits.maxWaitMs;
      const came = await within(ask(), until - clock.now(), signal, clock);
      if (came !== undefined) take(came);
      else if (records.length > 0 && !isAborted(signal)) return gathered(records, end, bytes, behindChunk);
    }
    return undefined;
  };
  return { next };
}

function* keysOf(records: readonly RecordView[]): Generator<string | null> {
  for (const record of records) yield record.keyText();
}

/** What comes within so long and before the signal; undefined where nothing did. */
async function within<T>(coming: Promise<T>, ms: number, signal: AbortSignal, clock: Clock): Promise<T | undefined> {
  const over = new AbortController();
  // With a reason of our own: without one an error is made each time, which costs more than the rest.
  const stop = () => {
    over.abort('over');
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const late = ms === Infinity ? aborted(over.signal) : clock.sleep(Math.max(0, ms), over.signal);
    return await Promise.race([coming, late.then(() => undefined)]);
  } catch (thrown) {
    // A source that is closed under its reader says so; that is no failure.
    if (signal.aborted) return undefined;
    throw classify(thrown);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

function gathered(records: readonly RecordView[], end: bigint, bytes: number, read?: bigint): Gathered {
  const next = (records.at(-1)?.offset ?? -1n) + 1n;
  const from = read ?? next;
  return { records, next, behind: end > from ? end - from : 0n, bytes };
}
