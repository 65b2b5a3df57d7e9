/** Writes pickles as `torch.save` does, and such as it never would. */
export const op = {
  proto: bytes(0x80, 2),
  stop: bytes(0x2e),
  mark: bytes(0x28),
  none: bytes(0x4e),
  emptyDict: bytes(0x7d),
  emptyList: bytes(0x5d),
  emptyTuple: bytes(0x29),
  tuple: bytes(0x74),
  reduce: bytes(0x52),
  persistent: bytes(0x51),
  setItems: bytes(0x75),
  appends: bytes(0x65),
  false: bytes(0x89),
  build: bytes(0x62),
  global: (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`),
  text: (text: string) => Buffer.concat([bytes(0x58), uint32(Buffer.byteLength(text)), Buffer.from(text)]),
  integer: (value: number) => Buffer.concat([bytes(0x4a), uint32(value)]),
  keep: (slot: number) => Buffer.concat([bytes(0x72), uint32(slot)]),
  recall: (slot: number) => Buffer.concat([bytes(0x6a), uint32(slot)]),
};

export const pickle = (...parts: readonly Buffer[]): Buffer => Buffer.concat([op.proto, ...parts, op.stop]);

export const tuple = (...items: readonly Buffer[]): Buffer => Buffer.concat([op.mark, ...items, op.tuple]);

export const dictionary = (...items: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([op.emptyDict, op.mark, ...items.flat(), op.setItems]);

export function bytes(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}
