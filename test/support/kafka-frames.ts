/**
 * Takes bytes as they come and hands out Kafka's frames (four bytes of length, then as many), each once the one before
 * it is done with.
 */
export function framesOf(take: (frame: Buffer) => Promise<void>): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  let before = Promise.resolve();
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 4) {
      const size = 4 + rest.readInt32BE(0);
      if (rest.length < size) return;
      const frame = rest.subarray(0, size);
      rest = rest.subarray(size);
      before = before.then(() => take(frame));
    }
  };
}
