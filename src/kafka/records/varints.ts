/**
 * Kafka's varints: zigzag, seven bits a byte, the lowest first. Numbers of 64 bits go by arithmetic, because bit
 * operations of JavaScript cut them to 32, and the timestamps of a replayed batch span more than that.
 */
const int32 = 2 ** 31;
const maxBytes = 10;

export function sizeOfVarint(value: number): number {
  if (value >= int32 || value < -int32) return sizeOfLarge(value);
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x20_0000) return 3;
  return zigzag < 0x1000_0000 ? 4 : 5;
}

function sizeOfLarge(value: number): number {
  let size = 1;
  for (let rest = magnitude(value) / 64; rest >= 1; rest /= 128) size++;
  return size;
}

/** Answers the position after it. */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  if (value >= int32 || value < -int32) return writeLarge(out, at, value);
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  while (zigzag >= 0x80) {
    out[at++] = zigzag | 0x80;
    zigzag >>>= 7;
  }
  out[at++] = zigzag;
  return at;
}

function writeLarge(out: Uint8Array, at: number, value: number): number {
  const positive = magnitude(value);
  let low = (positive % 64) * 2 + (value < 0 ? 1 : 0);
  let rest = Math.floor(positive / 64);
  while (rest > 0) {
    out[at++] = low | 0x80;
    low = rest % 128;
    rest = Math.floor(rest / 128);
  }
  out[at++] = low;
  return at;
}

/** What zigzag stores beside the sign. */
const magnitude = (value: number): number => (value < 0 ? -value - 1 : value);

/**
 * Reads forward and never fails: behind the last byte there are zeros, and a varint that does not end puts the
 * position beyond every end. Whoever reads compares the position with the end once, after a whole record.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** 32 bits; what a longer one says above them is lost, as it is in Kafka's own reader. */
  varint(): number {
    const first = this.bytes[this.at++] ?? 0;
    return first < 0x80 ? (first >>> 1) ^ -(first & 1) : this.#longerVarint(first);
  }

  #longerVarint(first: number): number {
    let zigzag = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      zigzag |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (zigzag >>> 1) ^ -(zigzag & 1);
    }
    this.at = Infinity;
    return 0;
  }

  /** 64 bits, exact up to 2^53. */
  varlong(): number {
    const first = this.bytes[this.at++] ?? 0;
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    let value = (first & 0x7f) >>> 1;
    let unit = 64;
    for (let read = 1; read < maxBytes; read++) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * unit;
      unit *= 128;
      if (byte < 0x80) return first & 1 ? -value - 1 : value;
    }
    this.at = Infinity;
    return 0;
  }

  skipVarlong(): void {
    for (let read = 0; read < maxBytes; read++) if ((this.bytes[this.at++] ?? 0) < 0x80) return;
    this.at = Infinity;
  }
}
