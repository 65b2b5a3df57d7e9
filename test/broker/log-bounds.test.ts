import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headAt } from '../../src/embedded/broker/log/batch.ts';
import { compact } from '../../src/embedded/broker/log/compaction.ts';
import { openPartitionLog, type PartitionLog } from '../../src/embedded/broker/log/partition-log.ts';
import type { ProducersState } from '../../src/embedded/broker/log/producers.ts';
import { batchesIn } from '../../src/kafka/records/batches.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';

const folder = mkdtempSync(join(tmpdir(), 'downlink-log-bounds-'));
afterAll(() => rmSync(folder, { recursive: true }));
let names = 0;
const open = (at: string, segmentBytes = 2_000): PartitionLog =>
  openPartitionLog({
    folder: at,
    settings: () => ({ segmentBytes, segmentMs: 1e12, logAppendTime: false }),
    note: (line) => process.stderr.write(`${line}\n`),
  });
const fresh = (): string => join(folder, String(names++));

interface Of {
  readonly timestamp?: number;
  readonly codec?: 'gzip';
  readonly sequence?: number;
}
function put(log: PartitionLog, key: string, value: string | Buffer | null, of: Of = {}): void {
  const { timestamp = Date.now(), codec = 'none', sequence } = of;
  const producer = sequence === undefined ? -1 : 7;
  const bytes = encodeBatch([{ key, value, timestamp }], {
    producerId: BigInt(producer),
    producerEpoch: producer < 0 ? -1 : 0,
    baseSequence: sequence ?? -1,
    transactional: false,
    codec,
  });
  const head = headAt(bytes, 0);
  if (head !== undefined) log.append(bytes, [head]);
}
function all(log: PartitionLog): string[] {
  const found: string[] = [];
  for (let at = log.start; at < log.end;) {
    const { bytes } = log.read(at, 1_000_000, false);
    if (bytes.length === 0) break;
    for (const batch of batchesIn(bytes)) {
      for (const { key, value } of batch.records()) found.push(`${String(key)}=${value === null ? '' : String(value)}`);
      at = Number(batch.lastOffset) + 1;
    }
  }
  return found;
}
const untilClean = async (log: PartitionLog, mostKeys?: number): Promise<void> => {
  for (let pass = 0; pass < 60; pass++)
    await compact(log, {
      segmentBytes: 1e9,
      dirtyRatio: 0,
      deleteRetentionMs: 0,
      lagMs: 0,
      ...(mostKeys && { mostKeys }),
    });
};

test('more keys than one pass can tell apart are told apart by the next, and what was deleted does not come back', async () => {
  const log = open(fresh());
  for (let round = 0; round < 3; round++) for (let i = 0; i < 200; i++) put(log, `k${i}`, `${round}`);
  for (let i = 0; i < 50; i++) put(log, `k${i}`, null);
  for (let i = 0; i < 40; i++) put(log, `end${i}`, 'x');
  await untilClean(log, 30);
  const left = all(log);
  const kept = Array.from({ length: 150 }, (_, i) => `k${i + 50}=2`);
  expect(left.filter((one) => one.startsWith('k'))).toEqual(kept);
  const size = log.size;
  await untilClean(log, 30);
  expect(log.size).toBe(size);
  await log.close();
});

test('all may go, and the log begins and ends where it did', async () => {
  const at = fresh();
  const log = open(at);
  for (let i = 0; i < 30; i++) put(log, 'k', 'v'.repeat(100));
  for (let i = 0; i < 30; i++) put(log, 'k', null, { timestamp: 1_000 });
  put(log, 'last', 'v'.repeat(1_900));
  await untilClean(log);
  expect(all(log)).toEqual([`last=${'v'.repeat(1_900)}`]);
  expect([log.start, log.end]).toEqual([0, 61]);
  await log.close();
  const again = open(at);
  expect([again.start, again.end]).toEqual([0, 61]);
  await again.close();
});

test('a batch that unpacks to more than it should stays as it is, beside others that are compacted', async () => {
  const log = open(fresh(), 200_000);
  put(log, 'bomb', Buffer.alloc(64 * 2 ** 20), { codec: 'gzip' });
  for (let i = 0; i < 2_000; i++) put(log, 'k', 'v'.repeat(100));
  const before = log.read(0, 1, false).bytes;
  const began = performance.now();
  await untilClean(log);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(log.read(0, 1, false).bytes.equals(before)).toBe(true);
  expect(log.size).toBeLessThan(500_000);
  await log.close();
});

test('after a start the newest time of each segment is known, to its end', async () => {
  const at = fresh();
  const log = open(at);
  for (let i = 0; i < 100; i++) put(log, 'k', 'v'.repeat(50), { timestamp: 1_000 + 10 * i });
  const times = Array.from({ length: 100 }, (_, i) => 995 + 10 * i);
  const found = times.map((time) => log.firstAt(time));
  const newest = log.segments.map(({ latest }) => latest);
  expect(newest.length).toBeGreaterThan(3);
  await log.close();
  const again = open(at);
  expect(again.segments.map(({ latest }) => latest)).toEqual(newest);
  expect(times.map((time) => again.firstAt(time))).toEqual(found);
  await again.close();
});

test('who has written is written down as of the sync, not as of what came meanwhile', async () => {
  const at = fresh();
  const log = open(at, 2 ** 30);
  for (let i = 0; i < 34; i++) put(log, 'k', Buffer.alloc(1_000_000), { sequence: i });
  const flushing = log.flush();
  put(log, 'k', 'meanwhile', { sequence: 34 });
  await flushing;
  const { offset, state } = JSON.parse(readFileSync(join(at, 'producers.json'), 'utf8')) as {
    offset: number;
    state: ProducersState;
  };
  expect(offset).toBe(34);
  expect(state.producers[0]?.[1].kept.map(({ lastSequence }) => lastSequence)).toEqual([29, 30, 31, 32, 33]);
  await log.close();
});
