/** The states of many sequences, one record each, in few large pieces of memory that are made when they are first needed. */
export interface StateSlab {
  /** Copies part of a record to somewhere else. */
  read(place: number, offset: number, bytes: number, to: Bytes, at: number): void;
  write(place: number, offset: number, bytes: number, from: Bytes, at: number): void;
}

/** A buffer, by bytes and by words of four: a small copy is quickest word by word. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

export const bytesOver = (buffer: ArrayBuffer): Bytes => ({
  bytes: new Uint8Array(buffer),
  words: new Int32Array(buffer, 0, buffer.byteLength >> 2),
});

const recordsOfPiece = 256;
const mostWords = 128;

export function openStateSlab(recordBytes: number): StateSlab {
  const pieces: Bytes[] = [];
  const pieceOf = (place: number): Bytes => {
    const index = Math.floor(place / recordsOfPiece);
    return (pieces[index] ??= bytesOver(new ArrayBuffer(recordsOfPiece * recordBytes)));
  };
  const startOf = (place: number): number => (place % recordsOfPiece) * recordBytes;
  return {
    read: (place, offset, bytes, to, at) => {
      copy(pieceOf(place), startOf(place) + offset, bytes, to, at);
    },
    write: (place, offset, bytes, from, at) => {
      copy(from, at, bytes, pieceOf(place), startOf(place) + offset);
    },
  };
}

function copy(from: Bytes, start: number, bytes: number, to: Bytes, at: number): void {
  if (((start | at | bytes) & 3) !== 0 || bytes > mostWords * 4) {
    to.bytes.set(from.bytes.subarray(start, start + bytes), at);
    return;
  }
  const { words: source } = from;
  const { words: target } = to;
  const last = (start + bytes) >> 2;
  for (let word = start >> 2, place = at >> 2; word < last; word++, place++) target[place] = source[word] ?? 0;
}
