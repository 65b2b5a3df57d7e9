import { DownlinkError } from '../../../errors.ts';
import { batchesIn } from '../../../kafka/records/batches.ts';
import { kafkaError, Refused, type KafkaError } from '../errors.ts';
import { checked } from '../log/batch.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { valueOf } from '../topics/configs.ts';
import { readTopics, writeTopics, type Api, type Call, type Grouped } from './api.ts';

interface Request {
  readonly transactionalId: string | null;
  readonly acks: number;
  readonly topics: readonly Grouped<{ readonly partition: number; readonly records: Buffer | null }>[];
}

interface Produced {
  readonly partition: number;
  readonly error: KafkaError;
  readonly message: string | null;
  readonly baseOffset: number;
  readonly appendTime: number;
  readonly logStart: number;
}

// transactional id? (3+), acks i16, time-out i32, [topic, [partition i32, records]]
// -> [topic, [partition i32, error i16, base offset i64, append time i64 (2+), log start i64 (5+), [index i32, text?] (8+), text? (8+)]], throttle i32
export const produce: Api<Request, readonly Grouped<Produced>[]> = {
  key: 0,
  name: 'Produce',
  served: { min: 3, max: 12 },
  advertised: { min: 0, max: 12 },
  flexibleFrom: 9,
  read: (from) => {
    const [transactionalId, acks] = [from.text(), from.int16()];
    from.int32(); // how long replicas are waited for
    const topics = readTopics(from, () => from.struct(() => ({ partition: from.int32(), records: from.bytes() })));
    return { transactionalId, acks, topics };
  },
  write: (to, topics, version) => {
    writeTopics(to, topics, ({ partition, error, baseOffset, appendTime, logStart, message }) => {
      to.int32(partition).int16(error).int64(BigInt(baseOffset)).int64(BigInt(appendTime));
      if (version >= 5) to.int64(BigInt(logStart));
      if (version >= 8) to.array([], () => undefined).text(message);
      to.tags();
    });
    to.int32(0).tags();
  },
  handle: async ({ transactionalId, acks, topics }, call) => {
    const { broker } = call;
    const written: PartitionLog[] = [];
    const answers: Grouped<Produced>[] = [];
    for (const { topic, partitions } of topics) {
      const produced: Produced[] = [];
      for (const { partition, records } of partitions) {
        let [baseOffset, appendTime, logStart] = [-1, -1, -1];
        let message: string | null = null;
        let error: KafkaError = kafkaError.none;
        try {
          if (acks !== 0 && acks !== 1 && acks !== -1)
            throw new Refused(kafkaError.invalidRequiredAcks, `acks ${acks}`);
          const log = broker.topics.log(topic, partition);
          const done = await append(call, log, {
            transactionalId,
            topic,
            partition,
            records: records ?? Buffer.alloc(0),
          });
          [baseOffset, appendTime, logStart] = [done.baseOffset, done.appendTime, log.start];
          written.push(log);
        } catch (thrown) {
          if (!(thrown instanceof Refused)) throw thrown;
          [error, message] = [thrown.code, thrown.message];
        }
        produced.push({ partition, error, message, baseOffset, appendTime, logStart });
      }
      answers.push({ topic, partitions: produced });
    }
    const failure = await broker.durability.settled(written).then(
      () => undefined,
      (thrown: unknown) => String(thrown),
    );
    if (failure !== undefined) broker.settings.note(`what was written cannot be synced: ${failure}`);
    if (acks === 0) return undefined;
    return failure === undefined ? answers : answers.map((one) => unsure(one, failure));
  },
};

/** It is written, and whether it lasts is not known: sent again, it is found to be there and synced once more. */
const unsure = ({ topic, partitions }: Grouped<Produced>, message: string): Grouped<Produced> => ({
  topic,
  partitions: partitions.map((one) =>
    one.error === kafkaError.none ? { ...one, error: kafkaError.storageError, message, baseOffset: -1 } : one,
  ),
});

interface Wanted {
  readonly transactionalId: string | null;
  readonly topic: string;
  readonly partition: number;
  readonly records: Buffer;
}

async function append(call: Call, log: PartitionLog, { transactionalId, topic, partition, records }: Wanted) {
  const { broker, version } = call;
  const found = broker.topics.find(topic);
  if (found?.internal === true) throw new Refused(kafkaError.invalidTopic, `clients do not write to ${topic}`);
  const configs = found?.configs ?? {};
  const heads = checked(records, Number(valueOf(configs, 'max.message.bytes')));
  const latest = Date.now() + Number(valueOf(configs, 'message.timestamp.after.max.ms'));
  const stamped = valueOf(configs, 'message.timestamp.type') === 'LogAppendTime';
  if (!stamped && heads.some(({ maxTimestamp }) => maxTimestamp > latest))
    throw new Refused(kafkaError.invalidTimestamp, `a time more than an hour from now, in ${topic} ${partition}`);
  for (const { transactional, producerId, epoch } of heads) {
    if (!transactional) {
      if (producerId >= 0 && log.producers.isOpen(producerId))
        throw new Refused(kafkaError.invalidTxnState, `producer ${producerId} has a transaction open`);
      continue;
    }
    if (transactionalId === null)
      throw new Refused(kafkaError.invalidRecord, 'records of a transaction without its id');
    const producer = { id: producerId, epoch };
    // From 12 on a partition is part of the transaction because it is written to.
    if (version >= 12) await joined(call, transactionalId, producer, { topic, partition });
    broker.transactions.check(transactionalId, producer, { topic, partition });
  }
  if (valueOf(configs, 'cleanup.policy').includes('compact') && hasNoKey(records))
    throw new Refused(kafkaError.invalidRecord, `${topic} is compacted: each record needs a key`);
  const baseOffset = log.append(records, heads);
  return { baseOffset, appendTime: stamped ? Date.now() : -1 };
}

/** A fenced writer is told so in the words of this API. */
async function joined(
  { broker }: Call,
  id: string,
  producer: { id: number; epoch: number },
  place: { topic: string; partition: number },
) {
  try {
    await broker.transactions.add(id, producer, [place]);
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.code === kafkaError.producerFenced)
      throw new Refused(kafkaError.invalidProducerEpoch, thrown.message);
    throw thrown;
  }
}

/** Compressed batches are believed: nothing that a client sends is unpacked. */
function hasNoKey(records: Buffer): boolean {
  try {
    for (const batch of batchesIn(records, { crc: false })) {
      if (batch.codec !== 'none') continue;
      for (const { key } of batch.records()) if (key === null) return true;
    }
    return false;
  } catch (thrown) {
    if (thrown instanceof DownlinkError) throw new Refused(kafkaError.invalidRecord, thrown.message);
    throw thrown;
  }
}
