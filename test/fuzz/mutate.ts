/** One to four random changes: what transmission, editors and wrong tools do to bytes. */
export function mutated(bytes: Uint8Array, random: () => number): Buffer {
  let result: Buffer = Buffer.from(bytes);
  const below = (n: number) => Math.floor(random() * n);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(result.length + 1);
    const rest = result.subarray(Math.min(result.length, at + below(6)));
    const noise = Buffer.from(Array.from({ length: below(6) }, () => hostile[below(hostile.length)] ?? below(256)));
    switch (below(4)) {
      case 0:
        result = Buffer.concat([result.subarray(0, at), noise, result.subarray(at)]);
        break;
      case 1:
        result = Buffer.concat([result.subarray(0, at), rest]);
        break;
      case 2:
        result = Buffer.concat([result.subarray(0, at), noise, rest]);
        break;
      default:
        if (at < result.length) result[at] = below(256);
    }
  }
  return result;
}

// Bytes that mean something to varints and to YAML.
const hostile = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, ...Buffer.from('[]{}:-&*!|>#\'",\n\t 0')];

/** How long one call takes; a pause of the machine is told from a hang by asking up to twice again. */
export async function fastestMs(call: () => unknown): Promise<number> {
  let fastest = Infinity;
  for (let tries = 0; tries < 3 && fastest > 50; tries++) {
    const began = performance.now();
    await call();
    fastest = Math.min(fastest, performance.now() - began);
  }
  return fastest;
}
