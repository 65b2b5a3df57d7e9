/**
 * Writes a message from its end to its beginning: when the length of a part has to be written, the part stands already.
 * So nothing is measured first, and nothing is moved.
 */
export interface Backwards {
  /** Where the message begins at this moment. */
  readonly at: number;
  uint(value: number): void;
  uint64(value: bigint): void;
  fixed32(write: (bytes: Buffer, at: number) => void): void;
  fixed64(write: (bytes: Buffer, at: number) => void): void;
  /** Without a length. */
  bytes(bytes: Uint8Array): void;
  /** A field; none if it is empty, as the protocol has it. */
  text(field: number, text: string): void;
  /** A field. */
  data(field: number, bytes: Uint8Array): void;
  tag(field: number, wireType: number): void;
  /** A field of bytes whose content ends at `end` and has just been written. */
  close(field: number, end: number): void;
  /** A field of bytes that nobody will change: large ones are not copied, and come out of `takeParts` as they are. */
  lend(field: number, bytes: Uint8Array): void;
  /** What was written, in bytes of its own; the next message begins. */
  take(): Buffer;
  /** The same in pieces that follow each other. */
  takeParts(): readonly Buffer[];
}

const firstBytes = 65_536;
/** To copy so much in one go would hold up everybody else. */
const largeBytes = 2 ** 20;

export function writeBackwards(): Backwards {
  let bytes = Buffer.allocUnsafeSlow(firstBytes);
  /** What stands behind `bytes` already. */
  let behind: Buffer[] = [];
  let behindBytes = 0;
  let at = bytes.length;

  const reserve = (size: number): void => {
    if (at >= size) return;
    const used = bytes.length - at;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, used + size));
    bytes.copy(larger, larger.length - used, at);
    at = larger.length - used;
    bytes = larger;
  };
  const uint = (value: number): void => {
    reserve(5);
    if (value < 0x80) {
      bytes[--at] = value;
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
    at -= size;
    let rest = value;
    for (let index = at; index < at + size - 1; index++) {
      bytes[index] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    bytes[at + size - 1] = rest;
  };
  const tag = (field: number, wireType: number): void => {
    uint(field * 8 + wireType);
  };

  const put = (content: Uint8Array): void => {
    reserve(content.length);
    at -= content.length;
    bytes.set(content, at);
  };

  const putBehind = (part: Buffer): void => {
    if (part.length === 0) return;
    behind.unshift(part);
    behindBytes += part.length;
  };
  const written = (): number => bytes.length - at + behindBytes;
  const takeWritten = (): Buffer => {
    const taken = Buffer.from(bytes.subarray(at));
    at = bytes.length;
    return taken;
  };
  const takeParts = (): readonly Buffer[] => {
    putBehind(takeWritten());
    const parts = behind;
    behind = [];
    behindBytes = 0;
    return parts;
  };

  return {
    get at() {
      return written();
    },
    uint,
    uint64(value) {
      reserve(10);
      const digits: number[] = [];
      let rest = BigInt.asUintN(64, value);
      do {
        digits.push(Number(rest & 0x7fn));
        rest >>= 7n;
      } while (rest > 0n);
      for (let index = digits.length - 1; index >= 0; index--)
        bytes[--at] = (digits[index] ?? 0) | (index < digits.length - 1 ? 0x80 : 0);
    },
    fixed32(write) {
      reserve(4);
      write(bytes, (at -= 4));
    },
    fixed64(write) {
      reserve(8);
      write(bytes, (at -= 8));
    },
    bytes: put,
    data(field, content) {
      put(content);
      uint(content.length);
      tag(field, 2);
    },
    tag,
    text(field, text) {
      if (text === '') return;
      if (text.length < 24 && writeShort(text)) {
        uint(text.length);
        tag(field, 2);
        return;
      }
      const size = Buffer.byteLength(text);
      reserve(size);
      at -= size;
      bytes.write(text, at, size, 'utf8');
      uint(size);
      tag(field, 2);
    },
    lend(field, content) {
      if (content.length < largeBytes) put(content);
      else {
        putBehind(takeWritten());
        putBehind(Buffer.from(content.buffer, content.byteOffset, content.length));
      }
      uint(content.length);
      tag(field, 2);
    },
    close(field, end) {
      uint(written() - end);
      tag(field, 2);
    },
    take: () => (behindBytes === 0 ? takeWritten() : Buffer.concat(takeParts())),
    takeParts,
  };

  function writeShort(text: string): boolean {
    reserve(text.length);
    const from = at - text.length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      bytes[from + index] = code;
    }
    at = from;
    return true;
  }
}
