import { refused } from '../refused.ts';
import { isArchive, readArchive } from './archive.ts';
import { isLegacy, readLegacy } from './legacy.ts';
import { readPickle, type Value } from './pickle.ts';
import { expectShape, type TensorSource } from './tensor.ts';
import { isTensor, numbersOf, torchMeanings, type Storages, type StoredTensor } from './torch.ts';

const maxBytes = 1 << 30;

/** Reads what `torch.save` wrote. Only numbers, texts, lists, dictionaries and tensors are made; nothing is ever run. */
export function readCheckpoint(bytes: Uint8Array): TensorSource {
  if (bytes.length > maxBytes) throw refused(`a checkpoint of ${bytes.length} bytes is more than ${maxBytes}`);
  const { root, storages } = isArchive(bytes) ? readZip(bytes) : readOther(bytes);
  const tensors = tensorsIn(root);
  return {
    shapeOf: (name) => tensors.get(name)?.shape,
    tensor: (name, shape) => {
      const tensor = tensors.get(name);
      expectShape(name, shape, tensor?.shape);
      return numbersOf(name, tensor as StoredTensor, storages);
    },
  };
}

interface Read {
  readonly root: Value;
  readonly storages: Storages;
}

function readZip(bytes: Uint8Array): Read {
  const archive = readArchive(bytes);
  // PyTorch names the folder after the file that was saved; older versions call it `archive`.
  const pickle = [...archive.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickle === undefined) throw refused('the archive holds no data.pkl: it is no PyTorch checkpoint');
  const folder = pickle.slice(0, -'data.pkl'.length);
  const order = archive.get(`${folder}byteorder`);
  if (order !== undefined && Buffer.from(order).toString('latin1') !== 'little') {
    throw refused('the checkpoint is of a big-endian machine');
  }
  return {
    root: readPickle(archive.get(pickle) ?? new Uint8Array(), torchMeanings()).value,
    storages: (key, length) => {
      const content = archive.get(`${folder}data/${key}`);
      if (content === undefined || content.length < length) throw refused(`storage ${key} is missing or cut short`);
      return content;
    },
  };
}

function readOther(bytes: Uint8Array): Read {
  if (!isLegacy(bytes)) throw refused('neither a zip archive nor the older layout: this is no PyTorch checkpoint');
  return readLegacy(bytes);
}

/** What is saved is either the tensors, or a dictionary that holds them beside the optimizer's state. */
function tensorsIn(root: Value): ReadonlyMap<string, StoredTensor> {
  if (!(root instanceof Map)) throw refused('the checkpoint is no dictionary');
  const inner = root.get('model_state_dict') ?? root.get('state_dict') ?? root;
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of inner instanceof Map ? inner : []) {
    if (typeof name === 'string' && isTensor(value)) tensors.set(name, value);
  }
  if (tensors.size === 0) throw refused('the checkpoint holds no tensors');
  return tensors;
}
