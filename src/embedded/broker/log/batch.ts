import { attributes, layout, magicV2, smallestRecord, uncounted } from '../../../kafka/records/batch-layout.ts';
import { checksumOf } from '../../../kafka/records/checksum.ts';
import { kafkaError, Refused } from '../errors.ts';

/** What the broker knows of a batch; its records it never looks at. Offsets are safe integers here. */
export interface Head {
  /** Of all of it. */
  readonly size: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
  /** -1: of nobody who wants it once only. */
  readonly producerId: number;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly transactional: boolean;
  readonly control: boolean;
  readonly codec: number;
}

export interface Batch {
  readonly bytes: Buffer;
  readonly head: Head;
}

const int64 = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);

const largestSequence = 2 ** 31 - 1;

/** Sequences begin anew behind the largest. */
export const sequenceAfter = (sequence: number, count: number): number =>
  sequence > largestSequence - count ? sequence + count - largestSequence - 1 : sequence + count;

/** Undefined where less than a whole batch is left, or what stands there is none. */
export function headAt(bytes: Buffer, at: number): Head | undefined {
  if (bytes.length - at < layout.records) return undefined;
  const size = bytes.readInt32BE(at + layout.batchLength) + uncounted;
  if (size < layout.records || size > bytes.length - at || bytes[at + layout.magic] !== magicV2) return undefined;
  return headIn(bytes, at, size);
}

/** Of a batch that need not be there to its end. */
export function headIn(bytes: Buffer, at: number, size: number): Head {
  const flags = bytes.readInt16BE(at + layout.attributes);
  const baseOffset = int64(bytes, at + layout.baseOffset);
  const delta = bytes.readInt32BE(at + layout.lastOffsetDelta);
  const firstSequence = bytes.readInt32BE(at + layout.baseSequence);
  return {
    size,
    baseOffset,
    lastOffset: baseOffset + delta,
    maxTimestamp: int64(bytes, at + layout.maxTimestamp),
    producerId: int64(bytes, at + layout.producerId),
    epoch: bytes.readInt16BE(at + layout.producerEpoch),
    firstSequence,
    lastSequence: firstSequence < 0 ? -1 : sequenceAfter(firstSequence, delta),
    transactional: (flags & attributes.transactional) !== 0,
    control: (flags & attributes.control) !== 0,
    codec: flags & attributes.codec,
  };
}

export const isSound = (bytes: Buffer, at: number, { size }: Head): boolean =>
  checksumOf(bytes.subarray(at, at + size)) === bytes.readUInt32BE(at + layout.crc);

/** The batches that a client wants stored, or why they are not. */
export function checked(bytes: Buffer, largest: number): readonly Head[] {
  const heads: Head[] = [];
  for (let at = 0; at < bytes.length;) {
    const magic = bytes[at + layout.magic];
    if (magic !== undefined && magic !== magicV2)
      throw new Refused(
        kafkaError.unsupportedForMessageFormat,
        `records of format ${magic}; this broker takes format 2`,
      );
    const head = headAt(bytes, at);
    if (head === undefined) throw new Refused(kafkaError.corruptMessage, 'a batch that is not whole');
    if (head.size > largest)
      throw new Refused(kafkaError.messageTooLarge, `a batch of ${head.size} bytes; at most ${largest} are taken`);
    if (!isSound(bytes, at, head)) throw new Refused(kafkaError.corruptMessage, 'a batch with a wrong checksum');
    const count = bytes.readInt32BE(at + layout.count);
    if (count < 1 || count !== head.lastOffset - head.baseOffset + 1)
      throw new Refused(kafkaError.invalidRecord, `a batch of ${count} records with other offsets`);
    if (head.codec === 0 && count * smallestRecord > head.size - layout.records)
      throw new Refused(kafkaError.invalidRecord, `a batch of ${head.size} bytes does not hold ${count} records`);
    if (head.producerId >= 0 && (head.firstSequence < 0 || head.epoch < 0))
      throw new Refused(kafkaError.invalidRecord, `a producer's batch with the sequence ${head.firstSequence}`);
    if (head.control) throw new Refused(kafkaError.invalidRecord, 'clients write no control records');
    if (head.codec > 4) throw new Refused(kafkaError.invalidRecord, `no codec has the number ${head.codec}`);
    heads.push(head);
    // Were one of several known already, it would not be clear what becomes of the others.
    if (heads.length > 1) throw new Refused(kafkaError.invalidRecord, 'more than one batch for a partition');
    at += head.size;
  }
  if (heads.length === 0) throw new Refused(kafkaError.invalidRecord, 'no records');
  return heads;
}

/** Where it begins now. Offset and epoch of the leader are outside the checksum, so that a broker can. */
export function place(bytes: Buffer, at: number, head: Head, baseOffset: number): Head {
  bytes.writeBigInt64BE(BigInt(baseOffset), at + layout.baseOffset);
  bytes.writeInt32BE(0, at + layout.leaderEpoch);
  return { ...head, baseOffset, lastOffset: baseOffset + head.lastOffset - head.baseOffset };
}

/** With the time at which it was taken in place of those that it came with. */
export function stampTime(bytes: Buffer, at: number, head: Head, now: number): Head {
  const flags = bytes.readInt16BE(at + layout.attributes);
  bytes.writeInt16BE(flags | attributes.logAppendTime, at + layout.attributes);
  bytes.writeBigInt64BE(BigInt(now), at + layout.maxTimestamp);
  bytes.writeUInt32BE(checksumOf(bytes.subarray(at, at + head.size)), at + layout.crc);
  return { ...head, maxTimestamp: now };
}

/** Of a transaction that is committed: as if it had been written without one. What is damaged does not become right by it. */
export function decided({ bytes, head }: Batch): Batch {
  if (!head.transactional) return { bytes, head };
  const sound = isSound(bytes, 0, head);
  bytes.writeInt16BE(bytes.readInt16BE(layout.attributes) & ~attributes.transactional, layout.attributes);
  if (sound) bytes.writeUInt32BE(checksumOf(bytes), layout.crc);
  return { bytes, head: { ...head, transactional: false } };
}

/** The marker that ends a transaction in a partition: a control batch of one record. */
export function marker(producerId: number, epoch: number, commit: boolean, now: number): Buffer {
  // Length, attributes, both deltas; key: length, version, type; value: length, version, coordinator epoch; no headers.
  const record = Buffer.from([0, 0, 0, 0, 8, 0, 0, 0, commit ? 1 : 0, 12, 0, 0, 0, 0, 0, 0, 0]);
  record[0] = (record.length - 1) * 2;
  const batch = Buffer.alloc(layout.records + record.length);
  batch.set(record, layout.records);
  batch.writeInt32BE(batch.length - uncounted, layout.batchLength);
  batch.writeInt8(magicV2, layout.magic);
  batch.writeInt16BE(attributes.transactional | attributes.control, layout.attributes);
  batch.writeBigInt64BE(BigInt(now), layout.firstTimestamp);
  batch.writeBigInt64BE(BigInt(now), layout.maxTimestamp);
  batch.writeBigInt64BE(BigInt(producerId), layout.producerId);
  batch.writeInt16BE(epoch, layout.producerEpoch);
  batch.writeInt32BE(-1, layout.baseSequence);
  batch.writeInt32BE(1, layout.count);
  batch.writeUInt32BE(checksumOf(batch), layout.crc);
  return batch;
}

/** Of a marker in the log: whether it commits. */
export const commits = (bytes: Buffer, at: number): boolean => bytes[at + layout.records + 8] === 1;
