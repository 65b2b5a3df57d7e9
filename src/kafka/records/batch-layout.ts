/** Where the fields of a record batch (format version 2) are; all numbers are big-endian. */
export const layout = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const;

/** `batchLength` counts what follows it. */
export const uncounted = layout.batchLength + 4;

export const magicV2 = 2;

export const attributes = {
  codec: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const;

/** Length, attributes, both deltas, key, value and headers of a byte each. */
export const smallestRecord = 7;
