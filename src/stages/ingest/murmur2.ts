/** Kafka's default hash of keys, so that an entity is where users' own tools look for it. */
export function murmur2(bytes: Uint8Array): number {
  const [seed, m] = [0x9747b28c, 0x5bd1e995];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hash = seed ^ bytes.length;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    let word = Math.imul(view.getInt32(at, true), m);
    word ^= word >>> 24;
    hash = Math.imul(hash, m) ^ Math.imul(word, m);
  }
  for (let left = bytes.length - at; left > 0; left--) hash ^= (bytes[at + left - 1] ?? 0) << (8 * (left - 1));
  if (at < bytes.length) hash = Math.imul(hash, m);
  hash = Math.imul(hash ^ (hash >>> 13), m);
  return hash ^ (hash >>> 15);
}

/** As Kafka's own producers choose it. */
export const partitionOf = (key: string, partitions: number): number =>
  (murmur2(new TextEncoder().encode(key)) & 0x7fffffff) % partitions;
