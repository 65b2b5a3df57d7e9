import { afterAll, afterEach, expect, test } from '@jest/globals';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headAt, marker, type Head } from '../../src/embedded/broker/log/batch.ts';
import { compact } from '../../src/embedded/broker/log/compaction.ts';
import { openPartitionLog, type LogSettings, type PartitionLog } from '../../src/embedded/broker/log/partition-log.ts';
import { batchesIn } from '../../src/kafka/records/batches.ts';
import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';

const folder = mkdtempSync(join(tmpdir(), 'downlink-log-'));
let names = 0;
const notes: string[] = [];
afterEach(() => {
  notes.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true }));

const usual: LogSettings = { segmentBytes: 1_000_000, segmentMs: 1e12, logAppendTime: false };
const fresh = (): string => join(folder, String(names++));
const open = (at: string, settings = usual): PartitionLog =>
  openPartitionLog({ folder: at, settings: () => settings, note: (line) => notes.push(line) });

interface Of {
  readonly producer?: number;
  readonly epoch?: number;
  readonly sequence?: number;
  readonly transactional?: boolean;
  readonly timestamp?: number;
}
function batchOf(values: readonly (readonly [key: string, value: string | null])[], of: Of = {}): [Buffer, Head[]] {
  const { producer = -1, epoch = producer < 0 ? -1 : 0, sequence = producer < 0 ? -1 : 0, transactional = false } = of;
  const records = values.map(([key, value]) => ({ key, value, timestamp: of.timestamp ?? 1_000 }));
  const bytes = encodeBatch(records, {
    producerId: BigInt(producer),
    producerEpoch: epoch,
    baseSequence: sequence,
    transactional,
  });
  const head = headAt(bytes, 0);
  if (head === undefined) throw new Error('no batch');
  return [bytes, [head]];
}
const put = (log: PartitionLog, values: readonly string[], of?: Of): number =>
  log.append(
    ...batchOf(
      values.map((value) => [value, value]),
      of,
    ),
  );
const end = (log: PartitionLog, producer: number, commit: boolean): number => {
  const bytes = marker(producer, 0, commit, 1_000);
  return log.append(bytes, [headAt(bytes, 0) as Head]);
};
const valuesFrom = (log: PartitionLog, offset: number, committedOnly = false, maxBytes = 1_000_000): string[] => {
  const values: string[] = [];
  for (let at = offset; ;) {
    const { bytes } = log.read(at, maxBytes, committedOnly);
    if (bytes.length === 0) return values;
    for (const batch of batchesIn(bytes)) {
      for (const { offset: own, value } of batch.records())
        if (Number(own) >= offset && !batch.control) values.push(`${own}:${value === null ? '' : String(value)}`);
      at = Number(batch.lastOffset) + 1;
    }
  }
};

test('what was written is read from any offset on, in as large pieces as are asked for', async () => {
  const log = open(fresh());
  for (let i = 0; i < 500; i++) expect(put(log, [`a${i}`, `b${i}`])).toBe(2 * i);
  const all = Array.from({ length: 500 }, (_, i) => [`${2 * i}:a${i}`, `${2 * i + 1}:b${i}`]).flat();
  for (const from of [0, 1, 2, 499, 500, 998, 999]) {
    expect(valuesFrom(log, from)).toEqual(all.slice(from));
    expect(valuesFrom(log, from, false, 1)).toEqual(all.slice(from));
  }
  expect(log.read(1_000, 1_000, false).bytes).toHaveLength(0);
  await log.close();
});

test('a start goes on where the end was, over several segments', async () => {
  const at = fresh();
  const small = { ...usual, segmentBytes: 2_000 };
  const log = open(at, small);
  for (let i = 0; i < 100; i++) put(log, [`v${i}`], { producer: 7, sequence: i });
  expect(log.segments.length).toBeGreaterThan(3);
  // Nothing is closed: the process is just gone.
  await log.flush();
  const again = open(at, small);
  expect(again.end).toBe(100);
  expect(valuesFrom(again, 42)).toHaveLength(58);
  // It was the last of them, and is known to be.
  expect(put(again, ['v99'], { producer: 7, sequence: 99 })).toBe(99);
  expect(again.end).toBe(100);
  expect(() => put(again, ['v101'], { producer: 7, sequence: 101 })).toThrow('does not follow');
  expect(notes).toEqual([]);
});

test.each(['cut', 'flipped', 'more'])('a tail that is torn (%s) is cut at the last whole batch', async (how) => {
  const at = fresh();
  const log = open(at);
  for (let i = 0; i < 10; i++) put(log, [`v${i}`]);
  const file = join(at, readdirSync(at).find((name) => name.endsWith('.log')) ?? '');
  const { size } = statSync(file);
  if (how === 'cut') truncateSync(file, size - 3);
  else if (how === 'more') appendFileSync(file, Buffer.from([0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 60, 1]));
  else {
    truncateSync(file, size - 1);
    appendFileSync(file, Buffer.from([0xff]));
  }
  const again = open(at);
  expect(again.end).toBe(how === 'more' ? 10 : 9);
  expect(notes.join()).toContain(`ends at offset ${again.end}`);
  expect(put(again, ['next'])).toBe(again.end - 1);
  expect(valuesFrom(again, 0).at(-1)).toBe(`${again.end - 1}:next`);
  await again.close();
});

test('what is not decided is not read as committed, and what was aborted is named', async () => {
  const at = fresh();
  const log = open(at);
  put(log, ['0']);
  put(log, ['1', '2'], { producer: 1, transactional: true });
  put(log, ['3'], { producer: 2, transactional: true });
  put(log, ['4']);
  expect(log.lastStable).toBe(1);
  expect(valuesFrom(log, 0, true)).toEqual(['0:0']);
  end(log, 1, false);
  expect(log.lastStable).toBe(3);
  const { aborted } = log.read(0, 1_000_000, true);
  expect(aborted).toEqual([{ producerId: 1, firstOffset: 1, lastOffset: 5 }]);
  // A start that finds no snapshot makes the same of it.
  const again = open(at);
  expect(again.lastStable).toBe(3);
  end(again, 2, true);
  expect(again.lastStable).toBe(again.end);
  expect(again.read(0, 1_000_000, true).aborted).toEqual(aborted);
  expect(again.read(6, 1_000_000, true).aborted).toEqual([]);
  await again.close();
  expect(open(at).read(0, 1_000_000, true).aborted).toEqual(aborted);
});

test('a batch that comes again is answered with its first place; what does not follow is refused', () => {
  const log = open(fresh());
  for (let i = 0; i < 7; i++) put(log, [`v${i}`], { producer: 1, sequence: i });
  expect(put(log, ['v6'], { producer: 1, sequence: 6 })).toBe(6);
  expect(put(log, ['v2'], { producer: 1, sequence: 2 })).toBe(2);
  expect(log.end).toBe(7);
  expect(() => put(log, ['v1'], { producer: 1, sequence: 1 })).toThrow('does not follow');
  expect(() => put(log, ['x'], { producer: 1, sequence: 8 })).toThrow('does not follow');
  expect(() => put(log, ['x'], { producer: 1, epoch: 1, sequence: 7 })).toThrow('begins with 0');
  expect(put(log, ['y'], { producer: 1, epoch: 1, sequence: 0 })).toBe(7);
  expect(() => put(log, ['x'], { producer: 1, epoch: 0, sequence: 7 })).toThrow('is over');
});

test('offsets are found by time, over segments', () => {
  const log = open(fresh(), { ...usual, segmentBytes: 500 });
  for (let i = 0; i < 50; i++) put(log, [`v${i}`], { timestamp: 1_000 + 10 * i });
  expect(log.firstAt(0)).toEqual({ offset: 0, time: 1_000 });
  expect(log.firstAt(1_245)).toEqual({ offset: 25, time: 1_250 });
  expect(log.firstAt(1_491)).toBeUndefined();
  expect(log.latest()).toEqual({ offset: 49, time: 1_490 });
});

test('compaction keeps of each key the last value with its offset, and what readers need of aborted transactions', async () => {
  const at = fresh();
  const log = open(at, { ...usual, segmentBytes: 3_000 });
  for (let i = 0; i < 200; i++) log.append(...batchOf([[`k${i % 10}`, `v${i}`]], { timestamp: Date.now() }));
  log.append(...batchOf([['k3', null]], { timestamp: Date.now() - 10_000 }));
  put(log, ['k4', 'k5'], { producer: 9, transactional: true });
  end(log, 9, false);
  for (let i = 0; i < 100; i++) log.append(...batchOf([[`other${i}`, 'x']], { timestamp: Date.now() }));
  const [size, last] = [log.size, log.end];
  await compact(log, { segmentBytes: 1e9, dirtyRatio: 0, deleteRetentionMs: 1_000, lagMs: 0 });
  expect(log.size).toBeLessThan(size / 2);
  const state = new Map(valuesFrom(log, 0, true).map((one) => one.split(':') as [string, string]));
  expect([...state].slice(0, 9).map(([, value]) => value)).toEqual([
    'v190',
    'v191',
    'v192',
    'v194',
    'v195',
    'v196',
    'v197',
    'v198',
    'v199',
  ]);
  expect(state.get('199')).toBe('v199');
  const again = open(at, { ...usual, segmentBytes: 3_000 });
  expect(again.end).toBe(last);
  expect(valuesFrom(again, 0, true)).toEqual(valuesFrom(log, 0, true));
  expect(notes).toEqual([]);
});
