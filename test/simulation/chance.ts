/** As test/support/random.ts, without asking the sandbox of a test for its `Math` each time. */
export function chanceOf(seed: number): () => number {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9, seed ^ 0x243f6a88, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  };
  // Seeds that are neighbours shall not begin alike.
  for (let i = 0; i < 12; i++) next();
  return next;
}
