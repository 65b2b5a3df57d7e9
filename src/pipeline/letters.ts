import type { Topology } from '../config/topology.ts';
import { DownlinkError } from '../errors.ts';
import type { Fetcher } from '../kafka/reader/fetcher.ts';
import { offsetOf } from '../kafka/reader/offsets.ts';
import { read } from '../kafka/reader/read.ts';
import type { RecordView } from '../kafka/records/batches.ts';
import { letterHeaders } from '../runner/dead-letter.ts';

/** A record that was refused, with all that its letter says. */
export interface Letter {
  /** Where the letter is: `partition:offset`. */
  readonly id: string;
  readonly code: string;
  readonly phase: string;
  readonly stage: string;
  readonly detail: string;
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: bigint };
  /** Of the record when it was refused. */
  readonly timestamp: number;
  /** Of a block: the samples that were refused; undefined where it is the whole record. */
  readonly samples: readonly number[] | undefined;
  readonly key: string | null;
  readonly record: {
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: readonly (readonly [string, Buffer | null])[];
  };
  /** It was put back already. */
  readonly redriven: boolean;
}

export interface LetterFilter {
  readonly ids?: readonly string[];
  readonly code?: string;
  readonly stage?: string;
  /** As records are keyed: `satellite/entity`. */
  readonly entity?: string;
  readonly since?: number;
  readonly until?: number;
}

/** Stands in the topic of the letters, in the transaction that put the record back: a letter is put back once. */
export const redrivenHeader = 'downlink.redriven';

/** All letters up to now, oldest first in each partition. Waits for what a redrive has still open. */
export async function readLetters(fetcher: Fetcher, { deadLetters }: Topology): Promise<readonly Letter[]> {
  const { kafkaName: topic, partitions } = deadLetters;
  const found: Letter[] = [];
  const redriven = new Set<string>();
  for (let partition = 0; partition < partitions; partition++) {
    const to = await offsetOf(fetcher.cluster, { topic, partition }, 'latest');
    for await (const record of read(fetcher, { topic, partition }, { to })) {
      const letter = letterIn(record, partition);
      if (typeof letter === 'string') redriven.add(letter);
      else if (letter !== undefined) found.push(letter);
    }
  }
  return found.map((letter) => (redriven.has(letter.id) ? { ...letter, redriven: true } : letter));
}

/** A letter, or the id of one that was put back; undefined for what somebody else wrote into the topic. */
function letterIn(record: RecordView, partition: number): Letter | string | undefined {
  const said = new Map(record.headers().map(([name, value]) => [name, String(value)]));
  const marked = said.get(redrivenHeader);
  if (marked !== undefined) return marked;
  const of = (name: keyof typeof letterHeaders) => said.get(letterHeaders[name]);
  const [code, topic, from, offset] = [of('code'), of('topic'), of('partition'), of('offset')];
  if (code === undefined || topic === undefined || from === undefined || offset === undefined) return undefined;
  const ours = Object.values(letterHeaders) as readonly string[];
  return {
    id: `${partition}:${record.offset}`,
    code,
    phase: of('phase') ?? '',
    stage: of('stage') ?? '',
    detail: of('detail') ?? '',
    origin: { topic, partition: Number(from), offset: BigInt(offset) },
    timestamp: Number(of('timestamp') ?? record.timestamp),
    samples: of('samples')?.split(',').map(Number),
    key: record.keyText(),
    record: {
      key: copied(record.key),
      value: copied(record.value),
      headers: record.headers().filter(([name]) => !ours.includes(name)),
    },
    redriven: false,
  };
}

const copied = (bytes: Buffer | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));

export const chosen = (letters: readonly Letter[], filter: LetterFilter): readonly Letter[] => {
  const unknown = filter.ids?.filter((id) => !letters.some((letter) => letter.id === id)) ?? [];
  if (unknown.length > 0) {
    throw new DownlinkError('config-invalid', `there is no dead letter ${unknown.join(', ')}; \`dlq ls\` shows all`);
  }
  return letters.filter(
    ({ id, code, stage, key, timestamp }) =>
      (filter.ids === undefined || filter.ids.includes(id)) &&
      (filter.code === undefined || filter.code === code) &&
      (filter.stage === undefined || filter.stage === stage) &&
      (filter.entity === undefined || filter.entity === key) &&
      (filter.since === undefined || timestamp >= filter.since) &&
      (filter.until === undefined || timestamp < filter.until),
  );
};
