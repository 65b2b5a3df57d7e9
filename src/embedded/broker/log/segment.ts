import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Head } from './batch.ts';

const sync = promisify(fdatasync);

/** A place in a segment: the batch with this offset begins there, and no batch before it has a later time. */
interface Entry {
  readonly offset: number;
  readonly position: number;
  readonly latest: number;
}

const entryBytes = 24;
/** A place is noted about every so many bytes. */
const everyBytes = 64 * 1024;

/**
 * A file of batches, one after the other as they came, and a file of places in it. A place is written down only once all before it is on
 * the disk, so whoever comes back after a crash begins to look at the last one.
 */
export interface Segment {
  readonly base: number;
  readonly size: number;
  /** Of all batches in it; -1 where there is none. */
  readonly latest: number;
  /** When the first batch was written to it, or when it was opened. */
  readonly since: number;
  append(bytes: Buffer, heads: readonly Head[]): void;
  /** At or before the batch with this offset. */
  positionOf(offset: number): number;
  /** The next place behind this one that is noted; undefined where there is none. */
  placeAfter(position: number): number | undefined;
  /** At or before the first batch with this time or a later one; undefined where there is none. */
  positionAt(time: number): number | undefined;
  read(position: number, length: number): Buffer;
  /** All that was appended before is on the disk. */
  flush(): Promise<void>;
  /** Cuts it there. */
  truncate(position: number, latest: number): void;
  /** It is written to no more, and takes no memory until it is read again. */
  rest(): void;
  /** Another file takes its name. */
  leave(): void;
  remove(): void;
}

const nameOf = (base: number): string => String(base).padStart(20, '0');

export function openSegment(folder: string, base: number): Segment {
  const file = join(folder, `${nameOf(base)}.log`);
  const indexFile = join(folder, `${nameOf(base)}.index`);
  let fd: number | undefined;
  let entries: Entry[] | undefined;
  /** How many of them are in the file. */
  let written = 0;
  /** Its name is on the disk only when its folder is. */
  let isNew = !existsSync(file);
  let gone = false;
  const isGone = (): boolean => gone;
  let size = isNew ? 0 : statSync(file).size;
  let latest = -1;
  let since = Date.now();
  let noted = 0;

  function opened(): number {
    fd ??= openSync(file, constants.O_RDWR | constants.O_CREAT);
    return fd;
  }
  const index = (): Entry[] => {
    if (entries !== undefined) return entries;
    const bytes = existsSync(indexFile) ? readFileSync(indexFile) : Buffer.alloc(0);
    entries = entriesIn(bytes, size);
    written = entries.length;
    if (bytes.length > written * entryBytes) truncateSync(indexFile, written * entryBytes);
    return entries;
  };
  const leave = (): void => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
    gone = true;
  };
  const last = index().at(-1);
  noted = last?.position ?? 0;
  latest = last?.latest ?? -1;

  return {
    base,
    get size() {
      return size;
    },
    get latest() {
      return latest;
    },
    get since() {
      return since;
    },
    append: (bytes, heads) => {
      if (size === 0) since = Date.now();
      writeAll(opened(), bytes, size);
      for (const { size: one, baseOffset, maxTimestamp } of heads) {
        if (size - noted >= everyBytes || (size === 0 && one > 0)) {
          index().push({ offset: baseOffset, position: size, latest });
          noted = size;
        }
        size += one;
        if (maxTimestamp > latest) latest = maxTimestamp;
      }
    },
    positionOf: (offset) => {
      const all = index();
      let [from, to] = [0, all.length];
      while (from < to) {
        const middle = (from + to) >> 1;
        if ((all[middle]?.offset ?? 0) <= offset) from = middle + 1;
        else to = middle;
      }
      return all[from - 1]?.position ?? 0;
    },
    placeAfter: (position) => index().find((entry) => entry.position > position)?.position,
    positionAt: (time) => {
      if (latest < time) return undefined;
      const all = index();
      // The first place with such a batch before it, and then the place before that.
      const after = all.findIndex((entry) => entry.latest >= time);
      return all[(after === -1 ? all.length : after) - 1]?.position ?? 0;
    },
    read: (position, length) => {
      const bytes = Buffer.allocUnsafe(gone ? 0 : Math.max(0, Math.min(length, size - position)));
      let at = 0;
      while (at < bytes.length) {
        const got = readSync(opened(), bytes, at, bytes.length - at, position + at);
        if (got === 0) break;
        at += got;
      }
      return bytes.subarray(0, at);
    },
    flush: async () => {
      if (gone) return;
      const upTo = index().length;
      try {
        if (fd !== undefined) await sync(fd);
        if (isNew) await syncFolder(folder);
      } catch (thrown) {
        if (!isGone()) throw thrown;
      }
      if (isGone()) return;
      isNew = false;
      const fresh = index().slice(written, upTo);
      if (fresh.length > 0 && extend(indexFile, bytesOf(fresh), written * entryBytes)) written = upTo;
    },
    truncate: (position, newest) => {
      latest = newest;
      if (position === size) return;
      ftruncateSync(opened(), position);
      size = position;
      entries = index().filter((entry) => entry.position < position);
      if (written > entries.length) {
        written = entries.length;
        if (existsSync(indexFile)) truncateSync(indexFile, written * entryBytes);
      }
      noted = entries.at(-1)?.position ?? 0;
    },
    rest: () => {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
      if (written === index().length) entries = undefined;
    },
    leave,
    remove: () => {
      leave();
      for (const one of [file, indexFile]) rmSync(one, { force: true });
    },
  };
}

/** A disk that is full takes a part of it; then the file is as it was. */
function writeAll(fd: number, bytes: Buffer, size: number): void {
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, size + at);
  } catch (thrown) {
    ftruncateSync(fd, size);
    throw thrown;
  }
}

/** False where the disk has no room for it: it can wait, as the places are only a help, but half of one would make nonsense of all later ones. */
function extend(file: string, bytes: Buffer, size: number): boolean {
  try {
    writeFileSync(file, bytes, { flag: 'a' });
    return true;
  } catch {
    if (existsSync(file)) truncateSync(file, size);
    return false;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function bytesOf(entries: readonly Entry[]): Buffer {
  const bytes = Buffer.alloc(entries.length * entryBytes);
  entries.forEach(({ offset, position, latest }, at) => {
    bytes.writeDoubleBE(offset, at * entryBytes);
    bytes.writeDoubleBE(position, at * entryBytes + 8);
    bytes.writeDoubleBE(latest, at * entryBytes + 16);
  });
  return bytes;
}

/** Those that point into the file, up to the first that makes no sense: the index may be torn, too. */
function entriesIn(bytes: Buffer, size: number): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const entry = {
      offset: bytes.readDoubleBE(at),
      position: bytes.readDoubleBE(at + 8),
      latest: bytes.readDoubleBE(at + 16),
    };
    const before = entries.at(-1);
    const sound = before === undefined || (entry.offset > before.offset && entry.position > before.position);
    if (!sound || entry.position >= size) break;
    entries.push(entry);
  }
  return entries;
}
