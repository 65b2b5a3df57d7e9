import type { Fetcher } from '../../src/kafka/reader/fetcher.ts';
import { committedOffset, offsetOf } from '../../src/kafka/reader/offsets.ts';
import { read } from '../../src/kafka/reader/read.ts';
import { chainNames, type ChainOptions } from './chain-names.ts';
import { numbered, type Numbered } from './pass-through.ts';

/** What a reader saw of one topic, by key. */
export interface Seen {
  readonly numbers: Map<string, number[]>;
  readonly faults: string[];
}

/** Every key's numbers ascend and its counts are 1, 2, 3: a record that is lost, doubled, moved or counted wrong shows. */
export function look(seen: Seen, topic: string, { key, number, count }: Numbered): void {
  const before = seen.numbers.get(key) ?? [];
  if (before.length === 0) seen.numbers.set(key, before);
  const last = before.at(-1) ?? -1;
  if (number <= last) seen.faults.push(`${topic}: ${key} has ${number} after ${last}`);
  if (count !== before.length + 1)
    seen.faults.push(`${topic}: ${key} counts ${count} at its record ${before.length + 1}`);
  before.push(number);
}

export interface Watching {
  readonly seen: ReadonlyMap<string, Seen>;
  total(topic: string): number;
  close(): Promise<void>;
}

/** Reads the outputs of a chain while it runs. */
export function watch(fetcher: Fetcher, options: ChainOptions): Watching {
  const seen = new Map<string, Seen>();
  const sources = chainNames(options).flatMap(({ to }) => {
    const mine: Seen = { numbers: new Map(), faults: [] };
    seen.set(to, mine);
    return Array.from({ length: options.partitions }, (_, partition) => {
      const source = fetcher.open({ topic: to, partition }, 0n);
      const reading = (async () => {
        for (;;)
          for (const { value } of (await source.next()).records()) look(mine, to, numbered.decode(value ?? none));
      })().catch(() => undefined);
      return { source, reading };
    });
  });
  return {
    seen,
    total: (topic) => totalOf(seen.get(topic)),
    close: async () => {
      for (const { source } of sources) source.close();
      await Promise.all(sources.map(({ reading }) => reading));
    },
  };
}

const none = Buffer.alloc(0);
export const totalOf = (seen: Seen | undefined): number =>
  [...(seen?.numbers.values() ?? [])].reduce((sum, { length }) => sum + length, 0);

/** Reads the outputs from the first to the last record; and what is wrong with offsets and transactions. */
export async function readAfter(fetcher: Fetcher, options: ChainOptions) {
  const { cluster } = fetcher;
  const seen = new Map<string, Seen>();
  const faults: string[] = [];
  for (const { group, from, to, checkpoints, deadLetters } of chainNames(options)) {
    const mine: Seen = { numbers: new Map(), faults: [] };
    seen.set(to, mine);
    for (let partition = 0; partition < options.partitions; partition++) {
      for await (const { value } of read(fetcher, { topic: to, partition }))
        look(mine, to, numbered.decode(value ?? none));
      let last = -1n;
      for await (const { offset } of read(fetcher, { topic: from, partition })) last = offset;
      const committed = (await committedOffset(cluster, group, { topic: from, partition })) ?? 0n;
      if (committed !== last + 1n) faults.push(`${group} ${partition}: committed ${committed}, last record ${last}`);
      for (const topic of [to, checkpoints]) {
        const stable = await offsetOf(cluster, { topic, partition }, 'latest');
        const end = await offsetOf(cluster, { topic, partition }, 'latest', false);
        if (stable !== end) faults.push(`${topic} ${partition}: a transaction is open from ${stable} to ${end}`);
      }
      for await (const { offset } of read(fetcher, { topic: deadLetters, partition }))
        faults.push(`dead letter ${offset}`);
    }
  }
  return { seen, faults };
}
