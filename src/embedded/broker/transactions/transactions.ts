import { kafkaError, Refused, type KafkaError } from '../errors.ts';
import { limits } from '../limits.ts';
import { openTurns } from './in-turn.ts';
import type { Kept } from './kept.ts';
import { openProducerIds, producerIds } from './producer-ids.ts';
import {
  begun,
  isPlace,
  nameOfPlace,
  isSame,
  nobody,
  raised,
  type Place,
  type Producer,
  type Transaction,
  type TransactionState,
} from './transaction.ts';

export interface TransactionsOptions {
  readonly kept: Kept;
  /** Ends it in a partition; nothing where it is not open there. */
  readonly mark: (place: Place, producer: Producer, commit: boolean) => void;
  /** Ends it for the offsets of groups. */
  readonly endOffsets: (producerId: number, commit: boolean) => Promise<void>;
  /** After the markers and offsets are written. */
  readonly settled: (places: readonly Place[]) => Promise<void>;
  readonly now?: () => number;
}

export interface Ending {
  readonly producer: Producer;
  readonly commit: boolean;
  /** KIP-890: the epoch goes up with each end, so a late repeat can do no harm. */
  readonly raise: boolean;
}

/** The transaction coordinator. */
export interface Transactions {
  init(id: string | null, timeoutMs: number, own: Producer): Promise<Producer>;
  /** Makes partitions part of the transaction that is open, or opens one; `places` may be none: then it is the offsets that are. */
  add(id: string, producer: Producer, places: readonly Place[]): Promise<void>;
  /** Throws unless its transaction is open, and the place is part of it. */
  check(id: string, producer: Producer, place?: Place): void;
  end(id: string, ending: Ending): Promise<Producer>;
  find(id: string): Transaction | undefined;
  readonly all: Iterable<Transaction>;
  /** Aborts what took too long, and forgets who has not been seen for a week. */
  expire(): Promise<void>;
  /** Ends what was to be ended when the broker died. */
  recover(): Promise<void>;
}

const isOver = (state: TransactionState): boolean => state === 'Empty' || state.startsWith('Complete');
/** It is decided how it ends, and not everybody has been told. */
const isEnding = (state: TransactionState): boolean => state.startsWith('Prepare');

const refuse = (code: KafkaError, why: string): never => {
  throw new Refused(code, why);
};

export function openTransactions({
  kept,
  mark,
  endOffsets,
  settled,
  now = Date.now,
}: TransactionsOptions): Transactions {
  const known = new Map<string, Transaction>();
  let reserved = 0;
  for (const { key, value } of kept.read()) {
    if (key === producerIds) reserved = Number(value);
    else if (value === null) known.delete(key);
    else known.set(key, JSON.parse(value) as Transaction);
  }

  const ids = openProducerIds(reserved, kept);
  const newId = ids.next;
  /** In the order of calls; what is known is known at once, as nothing is answered before it lasts. */
  const put = async (transaction: Transaction): Promise<void> => {
    const { id } = transaction;
    const before = known.get(id);
    known.set(id, transaction);
    try {
      await ids.append([{ key: id, value: JSON.stringify(transaction) }]);
    } catch (thrown) {
      if (before === undefined) known.delete(id);
      else known.set(id, before);
      throw thrown;
    }
  };

  const inTurn = openTurns();

  const owned = (id: string, producer: Producer, fenced: KafkaError): Transaction => {
    const found = known.get(id) ?? refuse(kafkaError.invalidProducerIdMapping, `there is no transactional id ${id}`);
    if (found.producer.id !== producer.id && found.last.id !== producer.id)
      refuse(kafkaError.invalidProducerIdMapping, `${id} is of producer ${found.producer.id}`);
    if (!isSame(found.producer, producer)) refuse(fenced, `${id}: the epoch is ${found.producer.epoch}`);
    return found;
  };

  /** Writes down how it ends and who writes next, ends it everywhere, and writes down that it has. */
  const finish = async (open: Transaction, commit: boolean, next: Producer): Promise<Transaction> => {
    const { id, epoch } = open.producer;
    const isRaised = !isSame(next, open.producer);
    const prepared: Transaction = {
      ...open,
      producer: next,
      last: isRaised ? open.producer : open.last,
      marker: { id, epoch: isRaised ? epoch + 1 : epoch },
      state: commit ? 'PrepareCommit' : 'PrepareAbort',
      changedAt: now(),
    };
    await put(prepared);
    return complete(prepared);
  };
  const complete = async (prepared: Transaction): Promise<Transaction> => {
    const { marker, partitions } = prepared;
    const commit = prepared.state === 'PrepareCommit';
    for (const place of partitions) mark(place, marker, commit);
    await Promise.all([endOffsets(marker.id, commit), settled(partitions)]);
    const state: TransactionState = commit ? 'CompleteCommit' : 'CompleteAbort';
    const over: Transaction = { ...prepared, state, partitions: [], changedAt: now() };
    await put(over);
    return over;
  };
  const abort = (open: Transaction): Promise<Transaction> => finish(open, false, raised(open.producer, newId));
  /** What a full disk stopped on its way to its end goes on. */
  const whole = async (id: string): Promise<Transaction | undefined> => {
    const found = known.get(id);
    return found !== undefined && isEnding(found.state) ? complete(found) : found;
  };

  return {
    init: (id, timeoutMs, own) => {
      if (id === null) {
        const producer = own.id < 0 ? { id: newId(), epoch: 0 } : raised(own, newId);
        return ids.append([]).then(() => producer);
      }
      return inTurn(id, async () => {
        if (timeoutMs <= 0 || timeoutMs > limits.longestTransactionMs)
          refuse(kafkaError.invalidTransactionTimeout, `${timeoutMs} ms; at most ${limits.longestTransactionMs} ms`);
        let found = await whole(id);
        if (found === undefined) {
          if (known.size >= limits.mostTransactionalIds || id.length > limits.longestId)
            refuse(kafkaError.policyViolation, `${known.size} transactional ids are known; no room for ${id}`);
          const producer = { id: newId(), epoch: 0 };
          await put(begun(id, producer, timeoutMs, now()));
          return producer;
        }
        if (own.id >= 0 && !isSame(own, found.producer)) {
          // The answer to a resume got lost, and it comes again.
          if (isSame(own, found.last) && found.state !== 'Ongoing') return found.producer;
          refuse(kafkaError.producerFenced, `${id}: the epoch is ${found.producer.epoch}`);
        }
        const resumes = own.id >= 0;
        if (found.state === 'Ongoing') {
          found = await abort(found);
          // Whoever had it has no way back. Kafka ends it behind its answer, so clients expect to have to ask again.
          if (!resumes) known.set(id, { ...found, last: nobody });
          refuse(kafkaError.concurrentTransactions, `${id}: what was open is aborted`);
        }
        const producer = raised(found.producer, newId);
        const last = resumes ? found.producer : nobody;
        await put({ ...found, producer, last, timeoutMs, state: 'Empty', partitions: [], changedAt: now() });
        return producer;
      });
    },
    add: (id, producer, places) =>
      inTurn(id, async () => {
        await whole(id);
        const found = owned(id, producer, kafkaError.producerFenced);
        const ongoing = found.state === 'Ongoing';
        const had = new Set(found.partitions.map(nameOfPlace));
        const more = places.filter((place) => had.size < had.add(nameOfPlace(place)).size);
        if (ongoing && more.length === 0) return;
        const at = now();
        const partitions = [...(ongoing ? found.partitions : []), ...more];
        await put({ ...found, state: 'Ongoing', partitions, startedAt: ongoing ? found.startedAt : at, changedAt: at });
      }),
    check: (id, producer, place) => {
      const found = owned(id, producer, kafkaError.invalidProducerEpoch);
      const isPart = place === undefined || found.partitions.some((one) => isPlace(one, place));
      if (found.state === 'Ongoing' && isPart) return;
      const what = place === undefined ? 'an offset' : `${place.topic} ${place.partition}`;
      refuse(kafkaError.invalidTxnState, `${what} is not part of an open transaction of ${id}`);
    },
    end: (id, { producer, commit, raise }) =>
      inTurn(id, async () => {
        const found =
          (await whole(id)) ?? refuse(kafkaError.invalidProducerIdMapping, `there is no transactional id ${id}`);
        const ended = commit ? 'CompleteCommit' : 'CompleteAbort';
        if (raise && isSame(producer, found.last) && !isSame(producer, found.producer)) {
          // The answer got lost, or it took too long and was aborted.
          if (found.state === ended) return found.producer;
          if (found.state === 'Ongoing' || found.state === 'Empty')
            refuse(kafkaError.producerFenced, `${id}: the epoch is ${found.producer.epoch}`);
          refuse(kafkaError.invalidTxnState, `${id} was ended the other way`);
        }
        const open = owned(id, producer, kafkaError.producerFenced);
        if (open.state === 'Ongoing') {
          const over = await finish(open, commit, raise ? raised(open.producer, newId) : open.producer);
          return over.producer;
        }
        if (!raise && open.state === ended) return open.producer;
        if (!raise || commit) refuse(kafkaError.invalidTxnState, `${id} has nothing open`);
        // An abort of nothing proves who owns the id.
        const next = raised(open.producer, newId);
        await put({ ...open, producer: next, last: open.producer, state: 'CompleteAbort', changedAt: now() });
        return next;
      }),
    find: (id) => known.get(id),
    get all() {
      return known.values();
    },
    expire: async () => {
      const isLate = ({ state, startedAt, timeoutMs }: Transaction): boolean =>
        state === 'Ongoing' && now() - startedAt > timeoutMs;
      const late = [...known.values()].filter((one) => isEnding(one.state) || isLate(one));
      const gone = [...known.values()].filter(
        ({ state, changedAt }) => isOver(state) && now() - changedAt > limits.transactionalIdKeptMs,
      );
      for (const { id } of gone) known.delete(id);
      await kept.append(gone.map(({ id }) => ({ key: id, value: null })));
      await Promise.all(
        late.map(({ id }) =>
          inTurn(id, async () => {
            const found = await whole(id);
            if (found !== undefined && isLate(found)) await abort(found);
          }),
        ),
      );
    },
    recover: async () => {
      for (const one of known.values()) {
        if (isEnding(one.state)) await complete(one);
      }
    },
  };
}
