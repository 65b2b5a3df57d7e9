import type { Reading, Writing } from '../codec.ts';

/** What is sent where there is none. */
export const noTopicId = '0'.repeat(32);

/** Kafka's uuid, as 32 hexadecimal digits. */
export function readTopicId(from: Reading): string {
  const half = (): string => BigInt.asUintN(64, from.int64()).toString(16).padStart(16, '0');
  return half() + half();
}

export const writeTopicId = (to: Writing, id: string): Writing =>
  to.int64(BigInt.asIntN(64, BigInt(`0x${id.slice(0, 16)}`))).int64(BigInt.asIntN(64, BigInt(`0x${id.slice(16)}`)));
