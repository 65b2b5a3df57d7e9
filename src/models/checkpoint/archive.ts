import { crc32 } from 'node:zlib';
import { refused } from '../refused.ts';

/** The files of a zip archive by name, as PyTorch writes one: entries are stored, never compressed. */
export type Archive = ReadonlyMap<string, Uint8Array>;

const maxEntries = 65_536;
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endLength = 22;
const entryLength = 46;
const localLength = 30;
const longestComment = 65_535;

export const isArchive = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32LE(0) === localSignature;

export function readArchive(bytes: Uint8Array): Archive {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(zip);
  const count = zip.readUInt16LE(end + 10);
  if (count > maxEntries) throw refused(`the archive says that it has ${count} entries`);
  const files = new Map<string, Uint8Array>();
  let at = zip.readUInt32LE(end + 16);
  let held = 0;
  for (let index = 0; index < count; index++) {
    if (at + entryLength > end || zip.readUInt32LE(at) !== entrySignature) {
      throw refused(`the archive's list of entries is damaged at byte ${at}`);
    }
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + entryLength, at + entryLength + nameLength);
    if (files.has(name)) throw refused(`the archive has two entries called ${name}`);
    const content = contentOf(zip, at, name);
    // Entries that lie over each other would let a small file stand for a large one.
    held += content.length;
    if (held > zip.length) throw refused('the archive says that it holds more than it has bytes');
    files.set(name, content);
    at += entryLength + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

/** The record that ends the archive. PyTorch writes the 64-bit one too; what both say is the same below 4 GiB. */
function endOf(zip: Buffer): number {
  const first = Math.max(0, zip.length - endLength - longestComment);
  for (let at = zip.length - endLength; at >= first; at--) {
    if (zip.readUInt32LE(at) === endSignature) return at;
  }
  throw refused('the archive has no end: it is cut short or damaged');
}

function contentOf(zip: Buffer, entry: number, name: string): Uint8Array {
  if (zip.readUInt16LE(entry + 10) !== 0) throw refused(`the archive's entry ${name} is compressed; PyTorch stores`);
  const size = zip.readUInt32LE(entry + 24);
  const local = zip.readUInt32LE(entry + 42);
  if (local + localLength > zip.length || zip.readUInt32LE(local) !== localSignature) {
    throw refused(`the archive's entry ${name} is not where the list says`);
  }
  const from = local + localLength + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  if (from + size > zip.length) throw refused(`the archive's entry ${name} is cut short`);
  const content = zip.subarray(from, from + size);
  if (crc32(content) !== zip.readUInt32LE(entry + 16))
    throw refused(`the archive's entry ${name} has a wrong checksum`);
  return content;
}
