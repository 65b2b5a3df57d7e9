import { refused } from '../refused.ts';
import { readPickle, type Value } from './pickle.ts';
import { torchMeanings, type Storages } from './torch.ts';

const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
const knownProtocol = 1001;
const lengthBytes = 8;

/** What `torch.save` wrote before 1.6, and still does when asked: pickles in a row, then each storage after its length. */
export const isLegacy = (bytes: Uint8Array): boolean => magic.equals(bytes.subarray(0, magic.length));

export function readLegacy(bytes: Uint8Array): { root: Value; storages: Storages } {
  const protocol = readPickle(bytes, torchMeanings(), magic.length);
  if (protocol.value !== knownProtocol) throw refused('the checkpoint is of an unknown version of the old layout');
  const system = readPickle(bytes, torchMeanings(), protocol.end);
  if (system.value instanceof Map && system.value.get('little_endian') === false) {
    throw refused('the checkpoint is of a big-endian machine');
  }
  const lengths = new Map<string, number>();
  const meet = torchMeanings(({ key, numbers, type }) => void lengths.set(key, numbers * type.width));
  const root = readPickle(bytes, meet, system.end);
  const keys = readPickle(bytes, torchMeanings(), root.end);
  const held = new Map<string, Uint8Array>();
  let at = keys.end;
  for (const key of Array.isArray(keys.value) ? keys.value : []) {
    const length = typeof key === 'string' ? lengths.get(key) : undefined;
    if (typeof key !== 'string' || length === undefined || at + lengthBytes + length > bytes.length) {
      throw refused('the checkpoint is cut short, or its list of storages is damaged');
    }
    held.set(key, bytes.subarray(at + lengthBytes, at + lengthBytes + length));
    at += lengthBytes + length;
  }
  return {
    root: root.value,
    storages: (key, length) => {
      const content = held.get(key);
      if (content?.length !== length) throw refused(`storage ${key} is missing or has another length`);
      return content;
    },
  };
}
