import { crc32c } from '@node-rs/crc32';
import { attributes, layout } from '../../src/kafka/records/batch-layout.ts';
import { batchesIn, type RecordView } from '../../src/kafka/records/batches.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';

export interface Entry {
  readonly bytes: Buffer;
  readonly base: number;
  readonly last: number;
  readonly producerId: bigint | undefined;
  readonly control: boolean;
  state: 'open' | 'committed' | 'aborted';
}

interface ProducerState {
  epoch: number;
  /** Of the last five batches: a repeat of one of them is answered, and not written. */
  batches: { readonly first: number; readonly last: number; readonly base: number }[];
  /** Of its open transaction. */
  firstOffset: number | undefined;
}

export interface Fetchable {
  readonly bytes: Buffer;
  readonly aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[];
}

const invalidEpoch = 47;
const outOfOrder = 45;

/** One partition as its leader has it: what transactions wrote stays undecided until their markers. */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly entries: Entry[] = [];
  /** After anything that a waiting reader might have waited for. */
  changed: () => void = () => undefined;
  /** Hears of what a commit marker has made visible. */
  onCommitted: (entry: Entry) => void = () => undefined;
  readonly #producers = new Map<bigint, ProducerState>();
  readonly #aborted: { readonly producerId: bigint; readonly first: number; readonly last: number }[] = [];

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get end(): number {
    return (this.entries.at(-1)?.last ?? -1) + 1;
  }

  get stableEnd(): number {
    let stable = this.end;
    for (const { firstOffset } of this.#producers.values()) {
      if (firstOffset !== undefined && firstOffset < stable) stable = firstOffset;
    }
    return stable;
  }

  /** Of users without transactions. */
  append(bytes: Buffer): void {
    this.#push(bytes, undefined, false, 'committed');
  }

  appendTransactional(bytes: Buffer): { readonly error: number; readonly base: number } {
    const producerId = bytes.readBigInt64BE(layout.producerId);
    const epoch = bytes.readInt16BE(layout.producerEpoch);
    const first = bytes.readInt32BE(layout.baseSequence);
    const last = first + bytes.readInt32BE(layout.count) - 1;
    const known = this.#producers.get(producerId);
    if (known !== undefined && epoch < known.epoch) return { error: invalidEpoch, base: -1 };
    const same = known?.epoch === epoch ? known.batches : [];
    const before = same.find((one) => one.first === first && one.last === last);
    if (before !== undefined) return { error: 0, base: before.base };
    if (first !== (same.at(-1)?.last ?? -1) + 1) return { error: outOfOrder, base: -1 };
    const base = this.end;
    const batches = [...same.slice(-4), { first, last, base }];
    this.#producers.set(producerId, { epoch, batches, firstOffset: known?.firstOffset ?? base });
    this.#push(bytes, producerId, false, 'open');
    return { error: 0, base };
  }

  /** The end of a transaction, written by the coordinator; its epoch shuts out what comes late of the transaction. */
  mark(producerId: bigint, epoch: number, commit: boolean): void {
    const known = this.#producers.get(producerId);
    const first = known?.firstOffset;
    this.#push(marker(producerId, epoch, commit), producerId, true, 'committed');
    this.#producers.set(producerId, { epoch, batches: [], firstOffset: undefined });
    if (first === undefined) return;
    if (!commit) this.#aborted.push({ producerId, first, last: this.end - 1 });
    for (const entry of this.entries) {
      if (entry.producerId !== producerId || entry.state !== 'open') continue;
      entry.state = commit ? 'committed' : 'aborted';
      if (commit) this.onCommitted(entry);
    }
  }

  /** Up to so many batches from the one on that holds the offset; whole ones, as a broker has them. */
  fetch(offset: number, committedOnly: boolean, batches: number): Fetchable | undefined {
    const upTo = committedOnly ? this.stableEnd : this.end;
    if (offset >= upTo) return undefined;
    const found = this.entries.filter(({ base, last }) => last >= offset && base < upTo).slice(0, batches);
    const end = found.at(-1)?.last ?? -1;
    const aborted = this.#aborted
      .filter(({ first, last }) => last >= offset && first <= end)
      .map(({ producerId, first }) => ({ producerId, firstOffset: BigInt(first) }));
    return { bytes: Buffer.concat(found.map(({ bytes }) => bytes)), aborted };
  }

  /** What a reader of committed records has to see in the end. */
  committed(): RecordView[] {
    return this.entries.filter(({ control, state }) => !control && state === 'committed').flatMap(recordsOf);
  }

  #push(bytes: Buffer, producerId: bigint | undefined, control: boolean, state: Entry['state']): void {
    const base = this.end;
    const own = Buffer.from(bytes);
    own.writeBigInt64BE(BigInt(base), layout.baseOffset);
    this.entries.push({
      bytes: own,
      base,
      last: base + own.readInt32BE(layout.lastOffsetDelta),
      producerId,
      control,
      state,
    });
  }
}

export const recordsOf = ({ bytes }: Entry): RecordView[] =>
  [...batchesIn(bytes, { crc: false })].flatMap((batch) => [...batch.records()]);

function marker(producerId: bigint, producerEpoch: number, commit: boolean): Buffer {
  const key = Buffer.from([0, 0, 0, commit ? 1 : 0]);
  const record = { key, value: Buffer.alloc(6), timestamp: 0 };
  const batch = encodeBatch([record], { producerId, producerEpoch, baseSequence: -1, transactional: true });
  batch.writeInt16BE(attributes.transactional | attributes.control, layout.attributes);
  batch.writeUInt32BE(crc32c(batch.subarray(layout.attributes)), layout.crc);
  return batch;
}
