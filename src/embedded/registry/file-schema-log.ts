import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { SchemaLog, SchemaLogEntry } from '../../contract/schema-log.ts';
import { classify, DownlinkError } from '../../errors.ts';
import { readEntry } from './log-entry.ts';

export interface FileSchemaLog extends SchemaLog {
  close(): Promise<void>;
}

/** One JSON line an entry, on disk before `append` resolves. For one process at a time. */
export async function openFileSchemaLog(folder: string): Promise<FileSchemaLog> {
  const path = join(folder, 'schemas.jsonl');
  const file = await openFile(folder, path);
  let bytes: Buffer;
  let entries: SchemaLogEntry[];
  try {
    bytes = await file.readFile();
    entries = readLines(bytes, path);
  } catch (error) {
    await file.close();
    throw unusable(path, error);
  }
  let size = endOfLines(bytes);
  let torn = size < bytes.length;

  return {
    read: () => Promise.resolve(entries),
    async append(entry) {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      try {
        if (torn) await file.truncate(size);
        // A write that fails half-way leaves a piece behind, which the next append cuts off.
        torn = true;
        await writeAll(file, line, size);
        await file.datasync();
        torn = false;
      } catch (error) {
        throw unusable(path, error);
      }
      size += line.length;
      entries.push(entry);
    },
    close: () => file.close(),
  };
}

async function openFile(folder: string, path: string): Promise<FileHandle> {
  try {
    await mkdir(folder, { recursive: true });
    // Only "a" makes a file that is not there, and only "r+" writes where it is told to.
    await (await open(path, 'a')).close();
    await syncFolder(folder);
    return await open(path, 'r+');
  } catch (error) {
    throw unusable(path, error);
  }
}

/** What follows the last line feed was being written when the process died, so nobody was told that it is kept. */
const endOfLines = (bytes: Buffer): number => bytes.lastIndexOf('\n') + 1;

function readLines(bytes: Buffer, path: string): SchemaLogEntry[] {
  const lines = bytes.toString('utf8', 0, endOfLines(bytes)).split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      return readEntry(JSON.parse(line));
    } catch (error) {
      throw unusable(`${path}:${index + 1}`, error);
    }
  });
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** A new file is only there after a crash when its folder was synced too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unusable(place: string, error: unknown): DownlinkError {
  if (error instanceof DownlinkError) return error;
  const why = error instanceof Error ? error.message : classify(error).detail;
  return new DownlinkError('data-unusable', `${place}: ${why}`, { cause: error });
}
