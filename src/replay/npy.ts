import { open, type FileHandle } from 'node:fs/promises';
import { DownlinkError } from '../errors.ts';

/** A table of numbers in a file of NumPy's format, read in pieces: it may be larger than the memory. */
export interface Table {
  readonly rows: number;
  readonly columns: number;
  /** Row after row, whichever order the file has. */
  read(from: number, count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

interface Layout {
  readonly size: 1 | 4 | 8;
  readonly number: (view: DataView, at: number) => number;
  readonly fortran: boolean;
  readonly rows: number;
  readonly columns: number;
  /** Where the numbers begin. */
  readonly start: number;
}

/** Opens a table of versions 1 to 3, of floats of 4 or 8 bytes or of truth values, in C or Fortran order. */
export async function openNpy(file: string): Promise<Table> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw new DownlinkError('telemetry-unusable', `${file}: ${(error as Error).message}`);
  });
  try {
    const layout = await layoutOf(file, handle);
    const { rows, columns, size, start } = layout;
    const needed = start + rows * columns * size;
    const { size: found } = await handle.stat();
    if (found < needed) throw unreadable(file, `${found} bytes, where its header needs ${needed}: it was cut short`);
    return { rows, columns, read: (from, count) => readRows(handle, layout, from, count), close: () => handle.close() };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

const unreadable = (file: string, why: string) => new DownlinkError('telemetry-unusable', `${file}: ${why}`);

const magic = Buffer.from('\x93NUMPY', 'latin1');

async function layoutOf(file: string, handle: FileHandle): Promise<Layout> {
  const head = await bytesAt(handle, 0, 12);
  if (head.length < 10 || !head.subarray(0, 6).equals(magic)) throw unreadable(file, 'it is no .npy file');
  const version = head.readUInt8(6);
  if (version < 1 || version > 3) throw unreadable(file, `version ${version} of .npy; 1, 2 and 3 are known`);
  const [length, at] = version === 1 ? [head.readUInt16LE(8), 10] : [head.readUInt32LE(8), 12];
  // NumPy itself takes no longer ones.
  if (length > 65_536) throw unreadable(file, `its header would be ${length} bytes long`);
  const text = (await bytesAt(handle, at, length)).toString(version === 3 ? 'utf8' : 'latin1');
  const found = (key: string, value: string): string => {
    const match = new RegExp(`'${key}'\\s*:\\s*(${value})`).exec(text)?.[1];
    if (match === undefined) throw unreadable(file, `its header has no ${key} that can be read: ${text.trim()}`);
    return match;
  };
  const type = numberTypes[found('descr', `'[^']*'`).slice(1, -1)];
  if (type === undefined)
    throw unreadable(
      file,
      `numbers of type ${found('descr', `'[^']*'`)}; ${Object.keys(numberTypes).join(' ')} are known`,
    );
  const shape = found('shape', `\\([^)]*\\)`).match(/\d+/g)?.map(Number) ?? [];
  if (shape.length < 1 || shape.length > 2)
    throw unreadable(file, `a shape of ${shape.length} dimensions; a table has rows and columns`);
  const [rows = 0, columns = 1] = shape;
  return { ...type, fortran: found('fortran_order', 'True|False') === 'True', rows, columns, start: at + length };
}

const numberTypes: Readonly<Record<string, Pick<Layout, 'size' | 'number'>>> = {
  '<f4': { size: 4, number: (view, at) => view.getFloat32(at, true) },
  '<f8': { size: 8, number: (view, at) => view.getFloat64(at, true) },
  '>f4': { size: 4, number: (view, at) => view.getFloat32(at) },
  '>f8': { size: 8, number: (view, at) => view.getFloat64(at) },
  '|b1': { size: 1, number: (view, at) => view.getUint8(at) },
};

async function readRows(handle: FileHandle, layout: Layout, from: number, wanted: number): Promise<Float32Array> {
  const { rows, columns, size, number, fortran, start } = layout;
  const count = Math.max(0, Math.min(wanted, rows - from));
  const values = new Float32Array(count * columns);
  if (fortran) {
    // Of each column the piece that belongs to these rows.
    for (let column = 0; column < columns; column++) {
      const view = viewOf(await bytesAt(handle, start + (column * rows + from) * size, count * size));
      for (let row = 0; row < count; row++) values[row * columns + column] = number(view, row * size);
    }
    return values;
  }
  const view = viewOf(await bytesAt(handle, start + from * columns * size, count * columns * size));
  for (let at = 0; at < values.length; at++) values[at] = number(view, at * size);
  return values;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer) => new DataView(buffer, byteOffset, byteLength);

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
