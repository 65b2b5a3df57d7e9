import avsc from 'avsc';

/**
 * avsc, with its faults mended. Nothing else in the project imports avsc itself.
 *
 * avsc 5.7.9 believes the counts and sizes of arrays and maps. Nine bytes that announce 2^31 items end the process (out of
 * memory), and a negative block size makes a skipped field run in a circle for ever. Here a block can't announce more
 * items than there are bytes left (types.ts refuses items that take no bytes), and skipping only goes forward.
 */
export interface Tap {
  readonly buf: Uint8Array;
  pos: number;
  readLong(): number;
  readString(): string | undefined;
  skipString(): void;
  skipLong(): void;
}
interface Readable {
  _read(tap: Tap): unknown;
  _skip(tap: Tap): void;
}
interface Items {
  readonly itemsType: Readable;
}
interface Values {
  readonly valuesType: Readable;
}

/** avsc looks at the position at the end only, so an impossible one is how a reader says that the bytes lie. */
export function noMore(tap: Tap): 0 {
  tap.pos = tap.buf.length + 1;
  return 0;
}

/** How many items the next block holds, 0 at the end and where the count can't be true. */
function blockCount(tap: Tap): number {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.skipLong();
  }
  return count <= tap.buf.length - tap.pos ? count : noMore(tap);
}

/** Like `blockCount`, but a block that states its size is passed over whole. */
function skippedCount(tap: Tap): number {
  for (;;) {
    const count = tap.readLong();
    if (count >= 0) return count <= tap.buf.length - tap.pos ? count : noMore(tap);
    const size = tap.readLong();
    if (size < 0 || size > tap.buf.length - tap.pos) return noMore(tap);
    tap.pos += size;
  }
}

const mends = {
  array: {
    _read(this: Items, tap: Tap): unknown[] {
      const items = this.itemsType;
      let count = blockCount(tap);
      const values = new Array<unknown>(count);
      let at = 0;
      while (count > 0) {
        while (count-- > 0) values[at++] = items._read(tap);
        count = blockCount(tap);
      }
      return values;
    },
    _skip(this: Items, tap: Tap): void {
      for (let count = skippedCount(tap); count > 0; count = skippedCount(tap)) {
        while (count-- > 0) this.itemsType._skip(tap);
      }
    },
  },
  map: {
    _read(this: Values, tap: Tap): Record<string, unknown> {
      const values: [string, unknown][] = [];
      for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
        while (count-- > 0) values.push([tap.readString() ?? '', this.valuesType._read(tap)]);
      }
      return Object.fromEntries(values);
    },
    _skip(this: Values, tap: Tap): void {
      for (let count = skippedCount(tap); count > 0; count = skippedCount(tap)) {
        while (count-- > 0) {
          tap.skipString();
          this.valuesType._skip(tap);
        }
      }
    },
  },
};

Object.assign(avsc.types.ArrayType.prototype, mends.array);
Object.assign(avsc.types.MapType.prototype, mends.map);

export const { Type, types } = avsc;
export type Type = avsc.Type;
