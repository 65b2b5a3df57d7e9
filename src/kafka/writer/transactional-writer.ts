import { setTimeout as delay } from 'node:timers/promises';
import { classify, DownlinkError } from '../../errors.ts';
import { produce } from '../api/00-produce.ts';
import { initProducerId, nobody, type Producer } from '../api/22-init-producer-id.ts';
import { addPartitionsToTxn } from '../api/24-add-partitions-to-txn.ts';
import { addOffsetsToTxn } from '../api/25-add-offsets-to-txn.ts';
import { endTxn } from '../api/26-end-txn.ts';
import { txnOffsetCommit } from '../api/28-txn-offset-commit.ts';
import type { PartitionError } from '../api/api.ts';
import type { Cluster } from '../cluster.ts';
import { encodeBatch } from '../records/encode-batch.ts';
import { nothingToCommit, Refused, type Stop } from './answers.ts';
import { ask } from './ask.ts';
import { formOf, inForm, type Form } from './form.ts';
import { produceAll, type EncodedBatch } from './produce.ts';
import { roundsOf } from './rounds.ts';
import type { Outcome, Owner, Transaction } from './transaction.ts';

export interface WriterOptions {
  readonly transactionalId: string;
  /** How long the broker waits before it aborts for a writer that went away. */
  readonly transactionTimeoutMs?: number;
  /** How long the writer tries. Below the former, or an answer may come for a transaction that is gone. */
  readonly deadlineMs?: number;
}

export interface TransactionalWriter {
  /** Shuts out every earlier owner of the transactional id and ends its transaction. Only after it may offsets be read. */
  fence(): Promise<Producer>;
  /** Takes up the own id again after an unknown outcome: `lost` when another has fenced it meanwhile. */
  resume(): Promise<'ours' | 'lost'>;
  transact(transaction: Transaction): Promise<Outcome>;
  /** Of the last transaction; KIP-890 (`v2`) where the cluster has it. */
  readonly form: Form | undefined;
}

export function openTransactionalWriter(cluster: Cluster, options: WriterOptions): TransactionalWriter {
  const { transactionalId, transactionTimeoutMs = 40_000, deadlineMs = 30_000 } = options;
  const target = { coordinator: 'transaction', key: transactionalId } as const;
  let producer = nobody;
  let owner: Owner = 'lost';
  let form: Form | undefined;
  // By partition. In the classic form they count on over transactions.
  const sequences = new Map<string, number>();
  let settled: Promise<void> = Promise.resolve();
  let busy = false;
  // In the classic form an epoch lasts: a request of this transaction that went unanswered could come late into the next.
  const unheard = { any: false };
  const wasUnheard = () => unheard.any;
  // After an unknown outcome only the committed offset says where to go on; writing before it was read could double.
  let unresolved = false;

  const initialise = async (own: Producer): Promise<'ours' | 'lost'> => {
    const request = { transactionalId, timeoutMs: transactionTimeoutMs, producer: own };
    const deadline = Date.now() + deadlineMs;
    const question = { step: 'init', api: initProducerId, request, deadline } as const;
    const { meaning, error, response } = await ask(cluster, {
      ...question,
      target,
      errorsOf: (found) => [found.error],
    });
    if (meaning === 'dead') {
      owner = 'lost';
      return 'lost';
    }
    if (meaning !== 'done')
      throw new DownlinkError('kafka-refused', `InitProducerId for ${transactionalId}: error ${error}`);
    producer = response.producer;
    unresolved = false;
    owner = 'ours';
    sequences.clear();
    return 'ours';
  };

  const encoded = ({ topic, partition, records }: Transaction['records'][number]): EncodedBatch => {
    const key = `${topic} ${partition}`;
    const baseSequence = sequences.get(key) ?? 0;
    // Sequences wrap to 0 behind 2^31 - 1.
    sequences.set(key, (baseSequence + records.length) % 2 ** 31);
    const stamp = { producerId: producer.id, producerEpoch: producer.epoch, baseSequence, transactional: true };
    return { topic, partition, bytes: encodeBatch(records, stamp) };
  };

  const mustBeDone = ({ meaning, error }: { meaning: 'done' | Stop; error: number }, what: string) => {
    if (meaning !== 'done') throw new Refused(meaning, `${what}: error ${error}`);
  };
  const errorsIn = (answers: readonly PartitionError[]) => answers.map(({ error }) => error);

  const silent = () => {
    unheard.any = true;
  };

  const addPartitions = async (records: Transaction['records'], deadline: number) => {
    const request = { transactionalId, producer, partitions: records };
    mustBeDone(
      await ask(cluster, {
        step: 'add',
        target,
        api: addPartitionsToTxn,
        request,
        deadline,
        errorsOf: errorsIn,
        silent,
      }),
      'AddPartitionsToTxn',
    );
  };

  const send = async ({ records, offsets }: Transaction, deadline: number): Promise<void> => {
    const leaders = new Set(await Promise.all(records.map((batch) => cluster.leaderOf(batch).catch(() => -1))));
    // In the new form each leader adds its partitions by itself, and they collide at the coordinator: named at once they don't.
    if (records.length > 0 && (form === 'classic' || leaders.size > 1)) await addPartitions(records, deadline);
    await settled;
    for (const round of roundsOf(records)) {
      const request = { transactionalId, api: inForm(produce, form) };
      const end = await produceAll(cluster, request, round.map(encoded), deadline);
      if ('meaning' in end) throw new Refused(end.meaning, end.why);
    }
    if (offsets === undefined) return;
    const { group, membership, offsets: positions } = offsets;
    if (form === 'classic') {
      const request = { transactionalId, producer, group };
      const question = { step: 'offsets', target, api: addOffsetsToTxn, request, deadline, silent } as const;
      mustBeDone(await ask(cluster, { ...question, errorsOf: (error) => [error] }), 'AddOffsetsToTxn');
    }
    const request = { transactionalId, group, producer, membership, offsets: positions };
    const api = inForm(txnOffsetCommit, form);
    const groups = { coordinator: 'group', key: group } as const;
    mustBeDone(
      await ask(cluster, { step: 'offsets', target: groups, api, request, deadline, errorsOf: errorsIn, silent }),
      'TxnOffsetCommit',
    );
  };

  const end = async (commit: boolean, deadline: number): Promise<Outcome> => {
    const before = wasUnheard();
    unheard.any = false;
    const mine = producer;
    const request = { transactionalId, producer: mine, commit };
    const question = { step: 'end', target, api: inForm(endTxn, form), request, deadline, silent } as const;
    const { meaning, error, response } = await ask(cluster, { ...question, errorsOf: (found) => [found.error] });
    if (meaning === 'done') {
      if (response.next !== undefined) {
        producer = response.next;
        settled = settle(mine, commit);
      } else if (before || wasUnheard()) owner = 'uncertain'; // A new epoch shuts out what may still come.
      return { end: 'committed' };
    }
    const why = `EndTxn: error ${error}`;
    if (meaning === 'dead') {
      owner = 'lost';
      return { end: wasUnheard() ? 'unknown' : 'not committed', why, owner };
    }
    // Timed out or aborted by the broker: certain, but the id has to be taken up again.
    owner = 'uncertain';
    if (error === nothingToCommit) return { end: 'not committed', why, owner };
    return { end: 'unknown', why, owner };
  };

  /**
   * The broker answers before its markers are written, and what comes next would wait for an idle coordinator to write
   * them. Asking the same again wakes it; under the new form it can do no harm.
   */
  const settle = async (mine: Producer, commit: boolean): Promise<void> => {
    for (let pause = 2; pause < 200; pause *= 2) {
      await delay(pause);
      const link = await cluster.linkTo(target).catch(() => undefined);
      const answer = await link?.send(endTxn, { transactionalId, producer: mine, commit }).catch(() => undefined);
      if (answer?.error !== 51) return;
    }
  };

  const abort = async (refused: Refused): Promise<Outcome> => {
    const why = refused.message;
    if (refused.meaning === 'dead') {
      owner = 'lost';
      return { end: 'not committed', why, owner };
    }
    try {
      const ended = await end(false, Date.now() + deadlineMs);
      if (ended.end !== 'committed') owner = ended.owner;
      // In the classic form a failed batch leaves the sequences uncertain.
      else owner = form === 'v2' ? 'ours' : 'uncertain';
    } catch (thrown) {
      if (classify(thrown).verdict !== 'retry') throw thrown;
      owner = 'uncertain';
    }
    // The commit was never sent: whatever became of the abort, nothing of this is ever seen.
    return { end: 'not committed', why, owner, ...(refused.meaning === 'refused' ? { refused: true } : {}) };
  };

  const transact = async (transaction: Transaction): Promise<Outcome> => {
    if (owner === 'uncertain' && (await initialise(producer)) === 'lost') return lostBefore;
    if (owner === 'lost') return lostBefore;
    // The broker knows no transaction in which nothing was done, and would call it a fault.
    if (transaction.records.length === 0 && transaction.offsets === undefined) return { end: 'committed' };
    form = (await formOf(cluster, target)) ?? form ?? 'classic';
    if (form === 'v2') sequences.clear();
    unheard.any = false;
    const deadline = Date.now() + deadlineMs;
    try {
      await send(transaction, deadline);
    } catch (thrown) {
      if (thrown instanceof Refused) return abort(thrown);
      if (classify(thrown).verdict !== 'retry') throw thrown;
      return abort(new Refused('failed', classify(thrown).detail));
    }
    try {
      return await end(true, deadline);
    } catch (thrown) {
      if (classify(thrown).verdict !== 'retry') throw thrown;
      owner = 'uncertain';
      return { end: 'unknown', why: classify(thrown).detail, owner };
    }
  };

  return {
    fence: async () => {
      await initialise(nobody);
      return producer;
    },
    resume: () => initialise(producer),
    transact: async (transaction) => {
      if (busy) throw new TypeError(`${transactionalId}: one transaction at a time`);
      if (unresolved)
        throw new TypeError(`${transactionalId}: resume, and read the committed offset, before writing on`);
      busy = true;
      try {
        const outcome = await transact(transaction);
        unresolved = outcome.end === 'unknown';
        return outcome;
      } finally {
        busy = false;
      }
    },
    get form() {
      return form;
    },
  };
}

const lostBefore: Outcome = { end: 'not committed', why: 'another writer has the transactional id', owner: 'lost' };
