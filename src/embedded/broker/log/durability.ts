import type { PartitionLog } from './partition-log.ts';

/** When what was appended is on the disk. */
export interface Durability {
  /** Resolves when what was appended to them so far is as durable as the broker promises. */
  settled(logs: readonly PartitionLog[]): Promise<void>;
  close(): Promise<void>;
}

interface Flushing {
  readonly now: Promise<void>;
  /** Begins when this one is over, for all that came meanwhile. */
  next: Promise<void> | undefined;
}

/**
 * `each`: whoever appends waits, and all that wait for one file share one sync. A number: what was appended is synced so many
 * milliseconds later, and nobody waits.
 */
export function openDurability(fsync: 'each' | number, note: (line: string) => void): Durability {
  const running = new Map<PartitionLog, Flushing>();
  const begin = (log: PartitionLog): Promise<void> => {
    const now = log.flush().finally(() => {
      if (running.get(log)?.now === now && running.get(log)?.next === undefined) running.delete(log);
    });
    running.set(log, { now, next: undefined });
    return now;
  };
  const flush = (log: PartitionLog): Promise<void> => {
    const one = running.get(log);
    if (one === undefined) return begin(log);
    // Its failure is told to those who waited for it; this one syncs the same once more.
    one.next ??= one.now.catch(() => undefined).then(() => begin(log));
    return one.next;
  };
  if (fsync === 'each')
    return {
      settled: async (logs) => {
        await Promise.all(logs.map(flush));
      },
      close: () => Promise.resolve(),
    };

  const dirty = new Set<PartitionLog>();
  let timer: NodeJS.Timeout | undefined;
  const flushAll = async (): Promise<void> => {
    timer = undefined;
    const logs = [...dirty];
    dirty.clear();
    for (const log of logs)
      await flush(log).catch((thrown: unknown) => note(`a log cannot be synced: ${String(thrown)}`));
  };
  return {
    settled: (logs) => {
      for (const log of logs) dirty.add(log);
      timer ??= setTimeout(() => {
        flushAll().catch((thrown: unknown) => note(String(thrown)));
      }, fsync);
      return Promise.resolve();
    },
    close: async () => {
      clearTimeout(timer);
      await flushAll();
    },
  };
}
