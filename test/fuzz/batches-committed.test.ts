import { expect, test } from '@jest/globals';
import { crc32c } from '@node-rs/crc32';
import { batchesIn } from '../../src/kafka/records/batches.ts';
import { committedOnly, controlTypeOf, type AbortedTransaction } from '../../src/kafka/records/committed.ts';
import { encodeBatch, type OutRecord } from '../../src/kafka/records/encode-batch.ts';
import { seeded, seedOfRun } from '../support/random.ts';

interface Entry {
  readonly bytes: Buffer;
  readonly base: bigint;
  readonly last: bigint;
  /** A user's batch that is in no aborted transaction. */
  visible: boolean;
}

interface Ended extends AbortedTransaction {
  /** Where the marker is. */
  readonly lastOffset: bigint;
}

const zeros = Buffer.alloc(4);
const marker = (type: number): Buffer => Buffer.from([0, 0, 0, type]);

function batchAt(
  base: bigint,
  records: readonly OutRecord[],
  producer: bigint,
  kind: 'plain' | 'transactional' | 'control',
) {
  const bytes = encodeBatch(records, {
    producerId: producer,
    producerEpoch: 0,
    baseSequence: 0,
    transactional: kind !== 'plain',
  });
  bytes.writeBigInt64BE(base);
  if (kind === 'control') {
    bytes[22] = (bytes[22] ?? 0) | 0x20;
    bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  }
  return bytes;
}

/** A partition as interleaved producers leave it, most of whose transactions were aborted. */
function partitionOf(random: () => number, transactions: number) {
  const below = (n: number) => Math.floor(random() * n);
  const log: Entry[] = [];
  const aborted: Ended[] = [];
  const open = new Map<bigint, Entry[]>();
  let offset = BigInt(below(1_000));
  const append = (producer: bigint, records: readonly OutRecord[], kind: 'plain' | 'transactional' | 'control') => {
    const last = offset + BigInt(records.length - 1);
    const entry = { bytes: batchAt(offset, records, producer, kind), base: offset, last, visible: kind === 'plain' };
    log.push(entry);
    // Compaction leaves holes.
    offset = last + 1n + BigInt(below(8) === 0 ? below(5) : 0);
    return entry;
  };
  const users = () =>
    Array.from({ length: 1 + below(4) }, () => ({
      key: [zeros, marker(1), 'k'][below(3)] ?? null,
      value: null,
      timestamp: 0,
    }));
  for (let ended = 0; ended < transactions;) {
    const producer = BigInt(below(12)) - 1n;
    const batches = open.get(producer) ?? [];
    if (producer < 0n || (batches.length === 0 && below(4) === 0)) append(producer, users(), 'plain');
    else if (batches.length === 0 || below(3) > 0)
      open.set(producer, [...batches, append(producer, users(), 'transactional')]);
    else {
      const abort = below(4) > 0;
      const { last } = append(
        producer,
        [{ key: marker(abort ? 0 : 1), value: Buffer.alloc(6), timestamp: 0 }],
        'control',
      );
      for (const batch of batches) batch.visible = !abort;
      if (abort) aborted.push({ producerId: producer, firstOffset: batches[0]?.base ?? 0n, lastOffset: last });
      open.delete(producer);
      ended++;
    }
  }
  const stable = [...open.values()].flat().reduce((least, { base }) => (base < least ? base : least), offset);
  return { log: log.filter(({ base }) => base < stable), aborted };
}

test('only committed batches are handed out, wherever a fetch begins and ends', () => {
  const random = seeded(seedOfRun());
  let [transactions, inside] = [0, 0];
  while (transactions < 3_000) {
    const { log, aborted } = partitionOf(random, 200);
    for (let fetch = 0; fetch < 20; fetch++) {
      const begin = fetch === 0 ? 0 : Math.floor(random() * log.length);
      const some = log.slice(begin, begin + (fetch === 0 ? log.length : 1 + Math.floor(random() * log.length)));
      const [from, to] = [some[0]?.base ?? 0n, some.at(-1)?.last ?? 0n];
      // The broker names what touches the fetch, and in no order that one could count on.
      const named = aborted.filter(({ firstOffset, lastOffset }) => firstOffset <= to && lastOffset >= from);
      named.sort(() => random() - 0.5);
      inside += named.filter(({ firstOffset }) => firstOffset < from).length;
      const seen = [...committedOnly(batchesIn(Buffer.concat(some.map(({ bytes }) => bytes))), named)];
      expect(seen.map(({ baseOffset }) => baseOffset)).toEqual(
        some.filter(({ visible }) => visible).map(({ base }) => base),
      );
    }
    transactions += aborted.length;
  }
  expect(inside).toBeGreaterThan(1_000);
});

test('a control batch says what it is, and a key of four zero bytes says nothing', () => {
  const value = Buffer.alloc(6);
  const types = [0, 1, 2].map((type) => batchAt(0n, [{ key: marker(type), value, timestamp: 0 }], 1n, 'control'));
  const users = batchAt(0n, [{ key: zeros, value, timestamp: 0 }], 1n, 'transactional');
  const short = batchAt(0n, [{ key: Buffer.alloc(3), value, timestamp: 0 }], 1n, 'control');
  const seen = [...batchesIn(Buffer.concat([...types, users, short]))];
  expect(seen.map(controlTypeOf)).toEqual(['abort', 'commit', 'other', null, 'other']);
});

test("a transaction's records that are written without one are kept", () => {
  const bytes = batchAt(5n, [{ key: null, value: null, timestamp: 0 }], 1n, 'plain');
  expect([...committedOnly(batchesIn(bytes), [{ producerId: 1n, firstOffset: 0n }])]).toHaveLength(1);
});
