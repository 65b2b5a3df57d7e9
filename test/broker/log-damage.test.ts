import { afterAll, beforeEach, expect, jest, test } from '@jest/globals';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compact } from '../../src/embedded/broker/log/compaction.ts';
import { openDurability } from '../../src/embedded/broker/log/durability.ts';
import { openStore } from '../../src/embedded/broker/log/store.ts';
import { layout } from '../../src/kafka/records/batch-layout.ts';
import { append, committed, end, openLog } from './some-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'downlink-damage-'));
afterAll(() => rmSync(folder, { recursive: true }));
let names = 0;
let at = '';
const notes: string[] = [];
beforeEach(() => {
  at = join(folder, String(names++));
  notes.length = 0;
});
const first = (): string => join(at, `${'0'.repeat(20)}.log`);

/** A hundred batches of as many bytes, and none of them in doubt. */
async function filled(segmentBytes?: number) {
  const log = openLog(at, segmentBytes, notes);
  for (let i = 0; i < 100; i++) append(log, [`k${i % 10}=${'v'.repeat(10_000)}`]);
  await log.flush();
  return log;
}
const sizeOfOne = 10_074;
/** Writes over a field of a batch in the first segment. */
function damage(batch: number, field: keyof typeof layout): void {
  const fd = openSync(first(), 'r+');
  writeSync(fd, Buffer.from([0x7f, 0x7f]), 0, 2, batch * sizeOfOne + layout[field]);
  closeSync(fd);
}

test.each([
  ['size', 'batchLength'],
  ['format', 'magic'],
  ['offset', 'baseOffset'],
] as const)('a batch with a damaged %s is an error to readers, and a cheap one', async (_, field) => {
  const log = await filled();
  expect(log.size).toBe(100 * sizeOfOne);
  damage(20, field);
  const [segment] = log.segments;
  if (segment === undefined) throw new Error('no segment');
  const reads = jest.spyOn(segment, 'read');
  for (let i = 0; i < 10; i++)
    expect(() => log.read(20, 1_000, false)).toThrow(
      `no batch begins at byte ${20 * sizeOfOne} of the segment from offset 0 on`,
    );
  const bytes = reads.mock.results.reduce((sum, { value }) => sum + (value as Buffer).length, 0);
  expect(bytes).toBeLessThan(10 * 3 * 128 * 1024);
  expect(notes).toEqual([expect.stringContaining(`${at}: no batch begins at byte ${20 * sizeOfOne}`)]);
  // What is before it, and behind the next place that is noted, is read as ever.
  expect(log.read(15, 1_000_000, false).bytes).toHaveLength(5 * sizeOfOne);
  expect(committed(log, 40)).toHaveLength(60);
});

test('a damaged batch whose bytes are on the disk is no torn tail: a start leaves what is behind it', async () => {
  await filled();
  damage(20, 'magic');
  const again = openLog(at, 1e9, notes);
  expect(again.end).toBe(100);
  expect(again.size).toBe(100 * sizeOfOne);
  expect(notes).toEqual([expect.stringContaining(`no batch begins at byte ${20 * sizeOfOne}`)]);
  expect(append(again, ['next=1'])).toBe(100);
  expect(committed(again, 40)).toHaveLength(61);
});

test('compaction throws nothing away that it cannot read, and says so once', async () => {
  const log = await filled(300_000);
  damage(20, 'magic');
  const { size } = log;
  const options = { segmentBytes: 300_000, dirtyRatio: 0, deleteRetentionMs: 0, lagMs: 0 };
  await expect(compact(log, options)).rejects.toThrow('is compacted no more until the next start: no batch begins at');
  await compact(log, options);
  expect(log.size).toBe(size);
});

test('a batch with a wrong checksum stays as it is at compaction, and its checksum stays wrong', async () => {
  const log = await filled(300_000);
  damage(20, 'producerId');
  const before = log.read(20, 1, false).bytes;
  const options = { segmentBytes: 300_000, dirtyRatio: 0, deleteRetentionMs: 0, lagMs: 0 };
  await compact(log, options);
  expect(log.size).toBeLessThan(60 * sizeOfOne);
  expect(log.read(20, 1, false).bytes.equals(before)).toBe(true);
});

test('a coordinator does not begin without what it has answered', async () => {
  const durability = openDurability(1_000, () => undefined);
  const log = await filled();
  damage(20, 'magic');
  expect(() => [...openStore(log, durability).read()]).toThrow(`batch-corrupt: ${at}: no batch begins at byte`);
  await durability.close();
});

test('a snapshot of more than came to the disk is not believed: what is sent again is written', async () => {
  const log = openLog(at);
  for (let i = 0; i < 10; i++) append(log, ['k=v'], { producer: 7, sequence: i });
  const last = log.size;
  append(log, ['k=v'], { producer: 7, sequence: 10 });
  log.removeBefore(5);
  // Power is lost before the last one is on the disk.
  truncateSync(first(), last);
  const again = openLog(at);
  expect([again.start, again.end]).toEqual([5, 10]);
  expect(append(again, ['k=v'], { producer: 7, sequence: 10 })).toBe(10);
  expect(again.end).toBe(11);
  await again.close();
});

test('a marker that begins an epoch is followed by its first batch and by no other', () => {
  const log = openLog(at);
  append(log, ['k=v'], { producer: 7, transactional: true });
  end(log, 7, true, 1);
  expect(() => append(log, ['k=v'], { producer: 7, epoch: 1, sequence: 1, transactional: true })).toThrow(
    '1 does not follow the beginning of its epoch',
  );
  append(log, ['k=v'], { producer: 7, epoch: 1, sequence: 0, transactional: true });
});
