import { refused } from '../refused.ts';
import type { Meanings, Named, Value } from './pickle.ts';
import { shapeText, sizeOf, type Tensor } from './tensor.ts';

/** The bytes of a storage, found by the key that the pickle gives it. */
export type Storages = (key: string, bytes: number) => Uint8Array;

/** A tensor as the pickle describes it; its numbers are only read when somebody asks for them. */
export interface StoredTensor extends Named {
  readonly is: 'tensor';
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export interface Storage extends Named {
  readonly is: 'storage';
  readonly type: StorageType;
  readonly key: string;
  readonly numbers: number;
}

interface StorageType extends Named {
  readonly is: 'storage type';
  readonly name: string;
  readonly width: number;
}

const widths = {
  FloatStorage: 4,
  DoubleStorage: 8,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
};

const maxNumbers = 1 << 24;
const maxDimensions = 8;

/** All that a checkpoint's pickle may name. Each makes a plain value; none runs anything. */
const names = new Map<string, ((args: readonly Value[]) => Value) | StorageType>([
  ['collections.OrderedDict', orderedDict],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ...Object.entries(widths).map(([name, width]): [string, StorageType] => [
    `torch.${name}`,
    { is: 'storage type', name, width },
  ]),
]);

/** `meet` is told of every storage that the pickle points at. */
export const torchMeanings = (meet: (storage: Storage) => void = () => undefined): Meanings => ({
  named: (name) => names.get(name),
  persistent: (id) => {
    const storage = storageOf(id);
    meet(storage);
    return storage;
  },
});

export const isTensor = (value: Value | undefined): value is StoredTensor => is(value, 'tensor');

/** The numbers of a tensor, in row-major order whatever its strides are. */
export function numbersOf(name: string, tensor: StoredTensor, storages: Storages): Tensor {
  const { storage, shape, strides, offset } = tensor;
  const count = sizeOf(shape);
  if (count > maxNumbers) throw refused(`tensor ${name}: ${shapeText(shape)} is more than ${maxNumbers} numbers`);
  const { name: type, width } = storage.type;
  if (type !== 'FloatStorage' && type !== 'DoubleStorage') {
    throw refused(`tensor ${name}: expected float32 or float64 numbers, found torch.${type}`);
  }
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), offset);
  if (count > 0 && last >= storage.numbers) {
    throw refused(`tensor ${name}: reaches number ${last} of a storage that has ${storage.numbers}`);
  }
  // Strides of 0 would let a few bytes stand for a network of any size.
  if (count > storage.numbers) {
    throw refused(`tensor ${name}: ${shapeText(shape)} is more than its storage of ${storage.numbers} numbers`);
  }
  const bytes = storages(storage.key, storage.numbers * width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = width === 4 ? new Float32Array(count) : new Float64Array(count);
  const place = shape.map(() => 0);
  let at = offset;
  for (let index = 0; index < count; index++) {
    data[index] = width === 4 ? view.getFloat32(at * 4, true) : view.getFloat64(at * 8, true);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [step, size] = [strides[axis] ?? 0, shape[axis] ?? 1];
      const next = (place[axis] ?? 0) + 1;
      at += step;
      place[axis] = next;
      if (next < size) break;
      place[axis] = 0;
      at -= step * size;
    }
  }
  return { shape, data };
}

function orderedDict([items]: readonly Value[]): Value {
  const pairs = Array.isArray(items) ? items : [];
  return new Map(pairs.map((pair) => (Array.isArray(pair) ? [pair[0] ?? null, pair[1] ?? null] : [null, null])));
}

function rebuildTensor([storage, offset, shape, strides]: readonly Value[]): Value {
  if (!is<Storage>(storage, 'storage')) throw refused('a tensor in the pickle has no storage');
  if (!isCount(offset) || !areCounts(shape) || !areCounts(strides) || shape.length !== strides.length) {
    throw refused(`a tensor in the pickle has no proper shape (storage ${storage.key})`);
  }
  const tensor: StoredTensor = { is: 'tensor', storage, offset, shape: [...shape], strides: [...strides] };
  return tensor;
}

function rebuildParameter([data]: readonly Value[]): Value {
  if (!isTensor(data)) throw refused('a parameter in the pickle is no tensor');
  return data;
}

/** ('storage', type, key, device, count): how a pickle points at numbers that lie outside it. */
function storageOf(id: Value): Storage {
  const [kind, type, key, , numbers] = Array.isArray(id) ? id : [];
  if (kind !== 'storage' || !is<StorageType>(type, 'storage type') || typeof key !== 'string' || !isCount(numbers)) {
    throw refused('the pickle points at something that is no storage');
  }
  return { is: 'storage', type, key, numbers };
}

const is = <Kind extends Named>(value: Value | undefined, kind: Kind['is']): value is Kind =>
  typeof value === 'object' && value !== null && 'is' in value && value.is === kind;

const isCount = (value: Value | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;

const areCounts = (value: Value | undefined): value is number[] =>
  Array.isArray(value) && value.length <= maxDimensions && value.every(isCount);
