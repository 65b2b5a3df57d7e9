import { produce, type Produced } from '../../src/kafka/api/00-produce.ts';
import { initProducerId, type InitProducerIdRequest } from '../../src/kafka/api/22-init-producer-id.ts';
import { endTxn, type EndTxnRequest } from '../../src/kafka/api/26-end-txn.ts';
import type { Api } from '../../src/kafka/api/api.ts';
import type { Cluster } from '../../src/kafka/cluster.ts';
import { joinGroup } from '../../src/kafka/group/membership.ts';
import type { Transaction } from '../../src/kafka/writer/transaction.ts';
import { meaningOf } from '../../src/kafka/writer/answers.ts';
import type { Plant } from './worker.ts';

type Answer = (api: Api<never, unknown>, request: unknown, ask: () => Promise<unknown>) => Promise<unknown>;

const answering = (cluster: Cluster, answer: Answer): Cluster => ({
  ...cluster,
  send: <Request, Response>(...[target, api, request, timeoutMs]: Parameters<typeof cluster.send<Request, Response>>) =>
    answer(api, request, () => cluster.send(target, api, request, timeoutMs)) as Promise<Response>,
});

const withOffsets = (
  transaction: Transaction,
  change: (offsets: NonNullable<Transaction['offsets']>) => NonNullable<Transaction['offsets']>,
): Transaction =>
  transaction.offsets === undefined ? transaction : { ...transaction, offsets: change(transaction.offsets) };

/** Each is a bug that others have had, and that the simulation has to find. */
export const plants: Readonly<Record<string, () => Plant>> = {
  'a commit after a failed send': () => ({
    cluster: (cluster) =>
      answering(cluster, async (api, _, ask) => {
        const response = await ask();
        if (api.key !== produce.key) return response;
        return (response as readonly Produced[]).map((one) =>
          meaningOf('produce', one.error) === 'failed' ? { ...one, error: 0 } : one,
        );
      }),
  }),

  "checkpoints read before the predecessor's transaction is decided": () => ({
    log: (log) => ({ ...log, end: (partition) => log.stableEnd(partition) }),
  }),

  'a writer used again after a failure, without having ended its transaction or taken up its id': () => ({
    cluster: (cluster) =>
      answering(cluster, (api, request, ask) => {
        const { producer, commit } = request as Partial<InitProducerIdRequest & EndTxnRequest>;
        const isSkipped = api.key === endTxn.key ? commit === false : api.key === initProducerId.key;
        if (!isSkipped || producer === undefined || producer.id === -1n) return ask();
        return Promise.resolve({ error: 0, producer, next: producer });
      }),
  }),

  'offsets from memory after an abort': () => {
    const aborted = new Map<number, bigint>();
    return {
      writer: (writer) => ({
        ...writer,
        transact: async (transaction) => {
          const outcome = await writer.transact(transaction);
          const offsets = outcome.end === 'not committed' ? (transaction.offsets?.offsets ?? []) : [];
          for (const { partition, offset } of offsets) aborted.set(partition, offset);
          return outcome;
        },
      }),
      log: (log) => ({
        ...log,
        committed: (place) => {
          const offset = aborted.get(place.partition);
          aborted.delete(place.partition);
          return offset === undefined ? log.committed(place) : Promise.resolve({ offset, note: '' });
        },
      }),
    };
  },

  'a lane kept over a generation that its member did not see': () => ({
    lanes: (options) => {
      let number = 0;
      return {
        ...options,
        join: (joining) =>
          joinGroup({
            ...joining,
            onGeneration: (generation) => joining.onGeneration({ ...generation, member: 'same', number: ++number }),
          }),
      };
    },
  }),

  'the position of what was gathered committed, and not of what was worked on': () => {
    const positions = new Map<number, bigint>();
    return {
      lanes: (options) => ({
        ...options,
        fetcher: {
          ...options.fetcher,
          open: (...place) => {
            const source = options.fetcher.open(...place);
            const next = async () => {
              const chunk = await source.next();
              positions.set(source.partition.partition, chunk.position);
              return chunk;
            };
            return { ...source, next };
          },
        },
      }),
      writer: (writer) => ({
        ...writer,
        transact: (transaction) =>
          writer.transact(
            withOffsets(transaction, (offsets) => ({
              ...offsets,
              offsets: offsets.offsets.map((one) => ({ ...one, offset: positions.get(one.partition) ?? one.offset })),
            })),
          ),
      }),
    };
  },

  'offsets that no generation guards': () => ({
    writer: (writer) => ({
      ...writer,
      transact: (transaction) =>
        writer.transact(withOffsets(transaction, ({ group, offsets }) => ({ group, offsets }))),
    }),
  }),
};
