import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headAt, type Head } from '../../src/embedded/broker/log/batch.ts';
import { compact } from '../../src/embedded/broker/log/compaction.ts';
import { layout } from '../../src/kafka/records/batch-layout.ts';
import { checksumOf } from '../../src/kafka/records/checksum.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';
import { append, committed, end, openLog } from './some-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'downlink-compaction-'));
afterAll(() => rmSync(folder, { recursive: true }));
let names = 0;
let at = '';
beforeEach(() => {
  at = join(folder, String(names++));
});
const segmentBytes = 5_000;
const all = { segmentBytes, dirtyRatio: 0, deleteRetentionMs: 0, lagMs: 0 };
const filesOf = (): number => readdirSync(at).filter((name) => name.endsWith('.log')).length;

test('what is left is split into segments no larger than any other', async () => {
  const log = openLog(at, segmentBytes);
  for (let i = 0; i < 1_000; i++) append(log, [`k${i % 500}=${i}`]);
  const before = log.size;
  for (let pass = 0; pass < 5; pass++) await compact(log, all);
  expect(log.size).toBeLessThan(0.7 * before);
  expect(log.segments.length).toBeGreaterThan(5);
  expect(log.segments.length).toBeLessThan((2 * log.size) / segmentBytes + 2);
  for (const { size } of log.segments) expect(size).toBeLessThanOrEqual(segmentBytes);
  expect(filesOf()).toBe(log.segments.length);
  const left = committed(log);
  expect(left.slice(-500)).toEqual(Array.from({ length: 500 }, (_, i) => `${i + 500} k${i}=${i + 500}`));
  await log.close();
  const again = openLog(at, segmentBytes);
  expect(committed(again)).toEqual(left);
  await again.close();
});

test('records of transactions that were committed are there after a death, and stay committed', async () => {
  const log = openLog(at, segmentBytes);
  const state = new Map([['other', 'x']]);
  for (let i = 0; i < 100; i++) {
    append(log, [`k${i % 30}=${i}`, 'same=x'], { producer: 3, sequence: 2 * i, transactional: true });
    const commits = i % 7 !== 3;
    end(log, 3, commits);
    if (commits) state.set(`k${i % 30}`, String(i)).set('same', 'x');
  }
  for (let i = 0; i < 100; i++) append(log, ['other=x']);
  await compact(log, all);
  const left = committed(log);
  expect(new Map(left.map((one) => one.split(' ')[1]?.split('=') as [string, string]))).toEqual(state);
  expect(left.length).toBeLessThan(150);
  await log.flush();
  // Nothing is closed.
  const again = openLog(at, segmentBytes);
  expect(again.lastStable).toBe(again.end);
  expect(again.producers.isOpen(3)).toBe(false);
  expect(committed(again)).toEqual(left);
});

test('a producer goes on where it was, whatever is left of what it has written', async () => {
  const log = openLog(at, segmentBytes);
  for (let i = 0; i < 10; i++) append(log, ['a=1', 'k=1', 'b=1'], { producer: 3, sequence: 3 * i });
  for (let i = 0; i < 200; i++) append(log, ['k=2', 'a=2', 'b=2']);
  await compact(log, all);
  await log.flush();
  const again = openLog(at, segmentBytes);
  expect(append(again, ['k=3'], { producer: 3, sequence: 30 })).toBe(again.end - 1);
});

test('a compressed batch of which little goes is no larger than before', async () => {
  const log = openLog(at, 50_000);
  const keys = Array.from({ length: 1_000 }, (_, i) => `key ${i}=${'value '.repeat(20)}`);
  append(log, keys, { codec: 'gzip' });
  const before = log.size;
  append(log, ['key 500=new']);
  for (let i = 0; i < 1_000; i++) append(log, ['other=x']);
  await compact(log, { ...all, segmentBytes: 50_000 });
  const left = committed(log);
  expect(left.slice(0, 1_000)).toEqual([
    ...keys.map((one, i) => `${i} ${one}`).filter((_, i) => i !== 500),
    '1000 key 500=new',
  ]);
  expect(log.segments[0]?.size).toBeLessThan(1.5 * before);
  await log.close();
});

test('what nobody can write again stays as it is, beside others that are compacted', async () => {
  const log = openLog(at, segmentBytes);
  const bytes = encodeBatch(
    ['old', 'gone'].map((key) => ({ key, value: '1', timestamp: 0 })),
    { producerId: -1n, producerEpoch: -1, baseSequence: -1, transactional: false },
  );
  for (const field of [layout.firstTimestamp, layout.maxTimestamp]) bytes.writeBigInt64BE(-(2n ** 60n), field);
  bytes.writeUInt32BE(checksumOf(bytes), layout.crc);
  log.append(bytes, [headAt(bytes, 0) as Head]);
  for (let i = 0; i < 200; i++) append(log, ['gone=2']);
  await compact(log, all);
  expect(committed(log).slice(0, 2)).toEqual(['0 old=1', '1 gone=1']);
  expect(log.segments[0]?.size).toBeLessThan(segmentBytes / 2);
  await log.close();
});

test('a log that is removed while it is compacted is left alone', async () => {
  const log = openLog(at, segmentBytes);
  for (let i = 0; i < 1_000; i++) append(log, [`k${i % 10}=${i}`]);
  const compacting = compact(log, all);
  log.remove();
  await compacting;
  expect(existsSync(at)).toBe(false);
});
