import type { Incoming, Outcome, Stage } from '../contract/index.ts';
import { classify, DownlinkError } from '../errors.ts';
import type { RecordView } from '../kafka/records/record-views.ts';
import { deadLetter, type Refusal } from './dead-letter.ts';
import type { Gathered } from './gather.ts';
import { openParcel, type Parcel } from './parcel.ts';
import type { Wiring } from './wiring.ts';

/** What is to be done with a batch after its turn. */
export type Turn =
  | { readonly verdict: 'commit'; readonly work: Work }
  | { readonly verdict: 'retry' | 'stop'; readonly error: DownlinkError };

/** All that becomes visible together when a batch is committed. */
export interface Work {
  readonly partition: number;
  readonly parcel: Parcel;
  /** The position behind the batch. */
  readonly offset: bigint;
  /** What is to stand beside the position. */
  readonly note?: string;
  readonly behind: bigint;
  readonly records: number;
  readonly bytes: number;
  readonly refusals: readonly Refusal[];
}

export interface TurnOptions<I, O, C> {
  readonly wiring: Wiring<I, O, C>;
  readonly partition: number;
  readonly stage: Stage<I, O, C>;
  readonly gathered: Gathered;
  /** Records before this position are only written again: their letters are written already. */
  readonly again?: bigint;
  readonly signal: AbortSignal;
}

/** Decode, process, deliver: one batch from bytes to what is to be committed. It never throws. */
export async function turn<I, O, C>(options: TurnOptions<I, O, C>): Promise<Turn> {
  try {
    return { verdict: 'commit', work: await workOn(options) };
  } catch (thrown) {
    const error = classify(thrown);
    // To refuse records is a return value. A stage that throws a refusal leaves open which record it means.
    return { verdict: error.verdict === 'retry' ? 'retry' : 'stop', error };
  }
}

async function workOn<I, O, C>(options: TurnOptions<I, O, C>): Promise<Work> {
  const { wiring, partition, stage, gathered, again = 0n, signal } = options;
  const refused = new Map<RecordView, Refusal[]>();
  const refuse = (record: RecordView, refusal: Refusal): void => {
    if (record.offset < again) return;
    refused.set(record, [...(refused.get(record) ?? []), refusal]);
  };
  const { incoming, views } = await decoded(wiring, gathered.records, refuse);
  let outcome: Outcome<O, C> = { send: [] };
  if (incoming.length > 0) outcome = await stage.process({ records: incoming, behind: gathered.behind }, signal);
  for (const { record, samples, code, detail } of outcome.reject ?? []) {
    const view = views[record];
    if (view === undefined) throw fault(wiring, `refused record ${record} of a batch of ${views.length}`);
    refuse(view, { phase: 'process', code, detail, samples });
  }

  const parcel = openParcel(gathered.records);
  await deliver(options, outcome, parcel);
  const { checkpoints, deadLetters, from } = wiring;
  for (const [key, value] of outcome.checkpoint ?? []) {
    if (checkpoints === undefined) throw fault(wiring, 'kept a checkpoint, and has no topic for it');
    const bytes = value === null ? null : checkpoints.encode(value);
    parcel.add(checkpoints.topic, partition, { key, value: bytes });
  }
  const origin = { stage: wiring.name, topic: from.topic, partition };
  for (const [view, refusals] of refused) {
    const letter = deadLetter(view, origin, joined(refusals));
    parcel.addAsIs(deadLetters.topic, partition % deadLetters.partitions, letter);
  }
  return {
    partition,
    parcel,
    offset: gathered.next,
    behind: gathered.behind,
    records: gathered.records.length,
    bytes: gathered.bytes + parcel.bytes,
    refusals: [...refused.values()].flat(),
  };
}

interface DecodedBatch<I> {
  readonly incoming: readonly Incoming<I>[];
  /** The record of each. */
  readonly views: readonly RecordView[];
}

/** Key and offset are made where somebody asks: most stages never do, and one makes several objects of each. */
class Decoded<I> implements Incoming<I> {
  readonly value: I;
  readonly #view: RecordView;

  constructor(view: RecordView, value: I) {
    this.#view = view;
    this.value = value;
  }

  get key(): string | null {
    return this.#view.keyText();
  }

  get offset(): bigint {
    return this.#view.offset;
  }

  get timestamp(): number {
    return this.#view.timestamp;
  }

  header(name: string): string | null {
    if (!this.#view.hasHeaders) return null;
    // What was said last counts: a letter's own headers stand behind those of the record.
    const [, value] = this.#view.headers().findLast(([one]) => one === name) ?? [];
    return value?.toString() ?? null;
  }
}

async function decoded<I, O, C>(
  wiring: Wiring<I, O, C>,
  records: readonly RecordView[],
  refuse: (record: RecordView, refusal: Refusal) => void,
): Promise<DecodedBatch<I>> {
  const incoming: Incoming<I>[] = [];
  const views: RecordView[] = [];
  for (const view of records) {
    try {
      const bytes = view.value;
      const found = bytes === null ? emptyOf(wiring) : wiring.from.decode(bytes);
      // Waiting for what is there already would cost more than decoding.
      const value = found instanceof Promise ? await found : found;
      incoming.push(new Decoded(view, value));
      views.push(view);
    } catch (thrown) {
      const { verdict, code, detail } = classify(thrown);
      if (verdict !== 'reject') throw thrown;
      refuse(view, { phase: 'decode', code, detail });
    }
  }
  return { incoming, views };
}

function emptyOf<I, O, C>({ from }: Wiring<I, O, C>): I {
  if (from.empty !== undefined) return from.empty;
  throw new DownlinkError('record-unframed', 'the record has no value');
}

async function deliver<I, O, C>(
  { wiring, partition, gathered, signal }: TurnOptions<I, O, C>,
  { send }: Outcome<O, C>,
  parcel: Parcel,
): Promise<void> {
  const { to } = wiring;
  if ('write' in to) {
    const behind = { group: wiring.group, topic: wiring.from.topic, partition, next: gathered.next };
    if (send.length > 0) await to.write(send, signal, behind);
    return;
  }
  for (const { key, value, partition: chosen } of send) {
    const target = chosen ?? partition;
    if (target < 0 || target >= to.partitions)
      throw fault(wiring, `sent to partition ${target} of ${to.topic}, which has ${to.partitions}`);
    parcel.add(to.topic, target, { key, value: to.encode(value) });
  }
}

/** Several refusals of one record are one letter that names them all. */
function joined(refusals: readonly Refusal[]): Refusal {
  const [first] = refusals as [Refusal, ...Refusal[]];
  if (refusals.length === 1) return first;
  const samples = refusals.some((one) => one.samples === undefined)
    ? undefined
    : [...new Set(refusals.flatMap((one) => one.samples ?? []))].sort((a, b) => a - b);
  return { ...first, samples, detail: refusals.map(({ detail }) => detail).join('; ') };
}

const fault = ({ name }: { readonly name: string }, what: string) =>
  new DownlinkError('unclassified', `stage ${name} ${what}`);
