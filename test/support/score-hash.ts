import { createHash } from 'node:crypto';
import type { Records } from '../../src/contract/index.ts';

/**
 * For each entity a hash over its samples in order, as design 5 defines "equal": number, time, the bits of score and
 * reconstruction, flags. How records were cut does not count.
 */
export function scoreHashes(records: Iterable<Records['scores']>): ReadonlyMap<string, string> {
  const hashes = new Map<string, ReturnType<typeof createHash>>();
  for (const one of records) {
    const key = `${one.satellite_id}/${one.entity}`;
    const hash = hashes.get(key) ?? createHash('sha256');
    hashes.set(key, hash);
    const sensors = one.reconstruction.length / one.score.length;
    for (const [at, index] of one.indices.entries()) {
      const head = Buffer.alloc(23);
      head.writeBigInt64LE(BigInt(index), 0);
      head.writeBigInt64LE(BigInt(one.timestamps[at] ?? 0), 8);
      head.writeFloatLE(one.score[at] ?? NaN, 16);
      head.writeUInt8(Number(one.detected[at]), 20);
      head.writeUInt8(Number(one.warming[at]), 21);
      head.writeUInt8(Number(one.gap[at]), 22);
      hash.update(head);
      const { buffer, byteOffset } = one.reconstruction;
      hash.update(new Uint8Array(buffer, byteOffset + at * sensors * 4, sensors * 4));
    }
  }
  return new Map([...hashes].map(([key, hash]) => [key, hash.digest('hex')]));
}
