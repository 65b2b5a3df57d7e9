export interface NpyForm {
  readonly version: 1 | 2 | 3;
  readonly type: '<f4' | '<f8' | '>f4' | '>f8' | '|b1';
  readonly fortran: boolean;
}

/** A table as NumPy's `save` writes it; without columns it is a list. */
export function npyBytes(
  rows: number,
  columns: number | undefined,
  value: (row: number, column: number) => number,
  { version, type, fortran }: NpyForm,
): Buffer {
  const shape = columns === undefined ? `(${rows},)` : `(${rows}, ${columns})`;
  const text = `{'descr': '${type}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`;
  const lengthBytes = version === 1 ? 2 : 4;
  const padded = `${text.padEnd(Math.ceil((text.length + 1 + 8 + lengthBytes) / 64) * 64 - 8 - lengthBytes - 1)}\n`;
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntLE(padded.length, 0, lengthBytes);
  const head = Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.from([version, 0]),
    length,
    Buffer.from(padded),
  ]);
  const width = columns ?? 1;
  const size = type === '|b1' ? 1 : Number(type.slice(2));
  const body = Buffer.alloc(rows * width * size);
  const write: Record<NpyForm['type'], (number: number, at: number) => number> = {
    '<f4': (number, at) => body.writeFloatLE(number, at),
    '<f8': (number, at) => body.writeDoubleLE(number, at),
    '>f4': (number, at) => body.writeFloatBE(number, at),
    '>f8': (number, at) => body.writeDoubleBE(number, at),
    '|b1': (number, at) => body.writeUInt8(number, at),
  };
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < width; column++)
      write[type](value(row, column), (fortran ? column * rows + row : row * width + column) * size);
  return Buffer.concat([head, body]);
}
