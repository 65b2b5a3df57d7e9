import { produce, type ProduceRequest, type Produced } from '../../src/kafka/api/00-produce.ts';
import { fetch, type Fetched, type FetchRequest } from '../../src/kafka/api/01-fetch.ts';
import { earliest, listOffsets, type ListOffsetsRequest } from '../../src/kafka/api/02-list-offsets.ts';
import { offsetFetch, type OffsetFetchRequest } from '../../src/kafka/api/09-offset-fetch.ts';
import { describeGroup } from '../../src/kafka/api/15-describe-groups.ts';
import { initProducerId, type InitProducerIdRequest } from '../../src/kafka/api/22-init-producer-id.ts';
import { addPartitionsToTxn, type AddPartitionsRequest } from '../../src/kafka/api/24-add-partitions-to-txn.ts';
import { endTxn, type EndTxnRequest } from '../../src/kafka/api/26-end-txn.ts';
import { txnOffsetCommit, type TxnOffsetCommitRequest } from '../../src/kafka/api/28-txn-offset-commit.ts';
import { listTransactions } from '../../src/kafka/api/66-list-transactions.ts';
import { layout } from '../../src/kafka/records/batch-layout.ts';
import { GroupModel } from './group.ts';
import { PartitionLog } from './partition-log.ts';
import type { Scheduler } from './scheduler.ts';
import { Transactions } from './transactions.ts';

/** What a broker answers, now and then, without any other reason than that it may. */
export interface BrokerFaults {
  /** Another leads or coordinates, or it is still loading: nothing was done. */
  readonly moved: number;
  /** It was written, and the answer says that it took too long. */
  readonly writtenLate: number;
  /** The broker will not have this batch; the transaction goes on without it, as far as the broker is concerned. */
  readonly refusedBatch: number;
  /** Milliseconds between an answer to EndTxn and the markers. */
  readonly markerDelay: () => number;
}

export interface BrokerModel {
  readonly transactions: Transactions;
  readonly logs: ReadonlyMap<string, PartitionLog>;
  log(topic: string, partition: number): PartitionLog;
  group(name: string): GroupModel;
  readonly groups: ReadonlyMap<string, GroupModel>;
  leaderOf(partition: number): number;
  /** One request of an API that src/kafka speaks; the answer may come later. */
  handle(key: number, request: unknown, answer: (response: unknown) => void): void;
  calm(): void;
}

const transactionAbortable = 120;

export function openBroker(scheduler: Scheduler, faults: BrokerFaults): BrokerModel {
  const { random } = scheduler;
  const logs = new Map<string, PartitionLog>();
  const groups = new Map<string, GroupModel>();
  const transactions = new Transactions(scheduler, faults.markerDelay);
  const readers = new Set<() => void>();
  let calm = false;

  const chance = (likely: number) => !calm && random() < likely;
  const log: BrokerModel['log'] = (topic, partition) => {
    const name = `${topic} ${partition}`;
    let found = logs.get(name);
    if (found === undefined) {
      found = new PartitionLog(topic, partition);
      found.changed = () => {
        for (const look of readers) look();
      };
      logs.set(name, found);
    }
    return found;
  };
  const group: BrokerModel['group'] = (name) => {
    const found = groups.get(name) ?? new GroupModel(name, scheduler);
    groups.set(name, found);
    return found;
  };

  const write = (id: string, { topic, partition, bytes }: ProduceRequest['batches'][number]): Produced => {
    const to = log(topic, partition);
    const answer = (error: number, base = -1): Produced => {
      scheduler.trace('  produce', id, topic, partition, 'error', error, 'base', base);
      return { topic, partition, error, baseOffset: BigInt(base), message: null };
    };
    if (chance(faults.moved)) return answer(random() < 0.7 ? 6 : 16);
    const producer = { id: bytes.readBigInt64BE(layout.producerId), epoch: bytes.readInt16BE(layout.producerEpoch) };
    const fault = transactions.add(id, producer, { partition: to }, false);
    if (fault !== 0) return answer(fault);
    if (chance(faults.refusedBatch)) return answer(transactionAbortable);
    const { error, base } = to.appendTransactional(bytes);
    to.changed();
    return error === 0 && chance(faults.writtenLate) ? answer(random() < 0.5 ? 7 : 20) : answer(error, base);
  };

  const commitOffsets = ({
    transactionalId: id,
    group: name,
    producer,
    membership,
    offsets,
  }: TxnOffsetCommitRequest) => {
    const of = group(name);
    let error = chance(faults.moved) ? 16 : transactions.add(id, producer, { group: of }, false);
    if (error === 0) error = of.faultOfCommit(membership);
    if (error === 0)
      of.pend(
        producer.id,
        offsets.map(({ partition, offset }) => [partition, Number(offset)] as const),
      );
    scheduler.trace(
      '  offsets',
      id,
      offsets.map(({ partition, offset }) => `${partition}:${offset}`).join(' '),
      'error',
      error,
    );
    return offsets.map(({ topic, partition }) => ({ topic, partition, error }));
  };

  const fetchNow = ({ partitions, committedOnly }: FetchRequest): readonly Fetched[] =>
    partitions.flatMap(({ topic, partition, offset }) => {
      const from = log(topic, partition);
      const found = from.fetch(Number(offset), committedOnly, 1 + Math.floor(random() * 4));
      if (found === undefined) return [];
      const { bytes: records, aborted } = found;
      const ends = { highWatermark: BigInt(from.end), lastStable: BigInt(from.stableEnd), logStart: 0n };
      return [{ topic, partition, error: 0, ...ends, aborted, records }];
    });
  const read = (request: FetchRequest, answer: (response: unknown) => void): void => {
    if (chance(faults.moved)) {
      const moved = {
        error: 6,
        highWatermark: 0n,
        lastStable: 0n,
        logStart: 0n,
        aborted: [],
        records: Buffer.alloc(0),
      };
      const partitions = request.partitions.map(({ topic, partition }) => ({ topic, partition, ...moved }));
      return answer({ error: 0, partitions });
    }
    const look = (): void => {
      const partitions = fetchNow(request);
      if (partitions.length > 0) end(partitions);
    };
    const end = (partitions: readonly Fetched[]): void => {
      cancel();
      readers.delete(look);
      answer({ error: 0, partitions });
    };
    const cancel = scheduler.after(request.maxWaitMs, () => end([]), null);
    readers.add(look);
    look();
  };

  const handlers = new Map<number, (request: never, answer: (response: unknown) => void) => void>([
    [fetch.key, read],
    [
      produce.key,
      ({ transactionalId, batches }: ProduceRequest, answer) =>
        answer(batches.map((batch) => write(transactionalId ?? '', batch))),
    ],
    [
      listOffsets.key,
      ({ partitions, committedOnly }: ListOffsetsRequest, answer) =>
        answer(
          partitions.map(({ topic, partition, at }) => {
            const of = log(topic, partition);
            const offset = at === earliest ? 0 : committedOnly ? of.stableEnd : of.end;
            return { topic, partition, error: chance(faults.moved) ? 6 : 0, offset: BigInt(offset) };
          }),
        ),
    ],
    [
      offsetFetch.key,
      ({ group: name, partitions }: OffsetFetchRequest, answer) => {
        const of = group(name);
        const offsets = partitions.map(({ topic, partition }) => {
          const isPending = of.isPending(partition);
          const offset = BigInt(isPending ? -1 : (of.committed(partition) ?? -1));
          return { topic, partition, error: isPending ? 88 : 0, offset, note: '' };
        });
        answer({ error: chance(faults.moved) ? 14 : 0, offsets });
      },
    ],
    [
      initProducerId.key,
      ({ transactionalId, producer, timeoutMs }: InitProducerIdRequest, answer) =>
        answer(
          chance(faults.moved)
            ? { error: 16, producer }
            : transactions.init(transactionalId ?? '', producer, timeoutMs),
        ),
    ],
    [
      addPartitionsToTxn.key,
      ({ transactionalId: id, producer, partitions }: AddPartitionsRequest, answer) =>
        answer(
          partitions.map(({ topic, partition }) => {
            const error = chance(faults.moved)
              ? 16
              : transactions.add(id, producer, { partition: log(topic, partition) }, true);
            return { topic, partition, error };
          }),
        ),
    ],
    [
      endTxn.key,
      ({ transactionalId, producer, commit }: EndTxnRequest, answer) =>
        answer(
          chance(faults.moved) ? { error: 16, next: undefined } : transactions.end(transactionalId, producer, commit),
        ),
    ],
    [txnOffsetCommit.key, (request: TxnOffsetCommitRequest, answer) => answer(commitOffsets(request))],
    [describeGroup.key, (name: string, answer) => answer({ error: 0, ...group(name).describe() })],
    [
      listTransactions.key,
      (_: unknown, answer) =>
        answer({
          transactions: transactions.ongoing.map((transactionalId) => ({ transactionalId, state: 'Ongoing' })),
        }),
    ],
  ]);

  return {
    transactions,
    logs,
    groups,
    log,
    group,
    leaderOf: (partition) => 1 + (partition % 2),
    handle: (key, request, answer) => {
      const handler = handlers.get(key);
      if (handler === undefined) throw new Error(`the model has no API ${key}`);
      handler(request as never, answer);
    },
    calm: () => {
      calm = true;
    },
  };
}
