import { crc32 } from 'node:zlib';
import { sizeOf, type Tensor } from '../../src/models/checkpoint/tensor.ts';
import { bytes, dictionary, op, pickle, tuple } from './write-pickle.ts';

export type Tensors = ReadonlyMap<string, Tensor>;

/** The files of a zip archive, as PyTorch stores them. */
export function zip(files: ReadonlyMap<string, Uint8Array>): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const [name, content] of files) {
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt32LE(crc32(content), 16);
    entry.writeUInt32LE(content.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    entries.push(entry, Buffer.from(name));
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    locals.push(local, Buffer.from(name), Buffer.from(content));
    at += local.length + name.length + content.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.size, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...entries, end]);
}

export const zipCheckpoint = (
  root: Buffer,
  storages: readonly Uint8Array[],
  more: readonly (readonly [string, string])[] = [],
): Buffer =>
  zip(
    new Map<string, Uint8Array>([
      ['archive/data.pkl', root],
      ...more.map(([name, text]): [string, Uint8Array] => [`archive/${name}`, Buffer.from(text)]),
      ...storages.map((content, key): [string, Uint8Array] => [`archive/data/${key}`, content]),
    ]),
  );

/** What `torch.save({ model_state_dict })` writes. */
export const checkpoint = (tensors: Tensors): Buffer => zipCheckpoint(rootOf(tensors), storagesOf(tensors));

/** What it wrote before 1.6. */
export function legacyCheckpoint(tensors: Tensors): Buffer {
  const storages = storagesOf(tensors);
  const keys = Buffer.concat([op.emptyList, op.mark, ...storages.map((_, key) => op.text(`${key}`)), op.appends]);
  return Buffer.concat([
    Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex'),
    pickle(op.integer(1001)),
    pickle(dictionary([op.text('little_endian'), bytes(0x88)])),
    rootOf(tensors),
    pickle(keys),
    ...[...tensors.values()].flatMap(({ data }, key) => [int64(data.length), storages[key] ?? Buffer.alloc(0)]),
  ]);
}

/** A pickle with the given value in place of the first tensor's. */
export function rootOf(tensors: Tensors, wrapped = (tensor: Buffer): Buffer => tensor): Buffer {
  const items = [...tensors].map(([name, tensor], key) => [op.text(name), wrapped(tensorAt(key, tensor))] as const);
  return pickle(dictionary([op.text('epoch'), op.integer(3)], [op.text('model_state_dict'), dictionary(...items)]));
}

export function tensorAt(key: number, { shape, data }: Tensor): Buffer {
  const type = data instanceof Float64Array ? 'DoubleStorage' : 'FloatStorage';
  const storage = tuple(
    op.text('storage'),
    op.global('torch', type),
    op.text(`${key}`),
    op.text('cpu'),
    op.integer(data.length),
  );
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  return Buffer.concat([
    op.global('torch._utils', '_rebuild_tensor_v2'),
    tuple(
      Buffer.concat([storage, op.persistent]),
      op.integer(0),
      tuple(...shape.map(op.integer)),
      tuple(...strides.map(op.integer)),
      op.false,
      Buffer.concat([op.global('collections', 'OrderedDict'), op.emptyTuple, op.reduce]),
    ),
    op.reduce,
  ]);
}

export const storagesOf = (tensors: Tensors): readonly Buffer[] =>
  [...tensors.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));

function int64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64LE(BigInt(value));
  return buffer;
}
