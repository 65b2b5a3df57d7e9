import type { SchemaLog, SchemaLogEntry } from '../../../src/contract/schema-log.ts';

export interface MemoryLog extends SchemaLog {
  readonly entries: SchemaLogEntry[];
  /** Appends fail with this from now on, or no more. */
  failWith(error: Error | undefined): void;
}

export function memoryLog(entries: SchemaLogEntry[] = []): MemoryLog {
  let failure: Error | undefined;
  return {
    entries,
    failWith(error) {
      failure = error;
    },
    read: () => Promise.resolve([...entries]),
    async append(entry) {
      // An append takes its time, so that changes which are not kept apart would meet here.
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (failure !== undefined) throw failure;
      entries.push(entry);
    },
  };
}
