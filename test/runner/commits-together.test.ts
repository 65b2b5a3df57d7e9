import { expect, test } from '@jest/globals';
import type { Clock } from '../../src/runner/clock.ts';
import { openCommitter, type Committing } from '../../src/runner/committer.ts';
import type { Work } from '../../src/runner/turn.ts';

const signal = new AbortController().signal;
const lane: Committing = { signal, committed: () => undefined, undone: () => undefined };
const work = (partition: number): Work => ({
  partition,
  offset: 1n,
  records: 1,
  bytes: 1,
  behind: 0n,
  refusals: [],
  parcel: { partitions: [], traces: [] } as unknown as Work['parcel'],
});

function timeByHand() {
  let now = 0;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((wake) => {
        sleepers.push({ at: now + ms, wake });
        signal?.addEventListener('abort', () => {
          wake();
        });
      }),
  };
  const move = async (ms: number): Promise<void> => {
    await settle();
    for (const until = now + ms; now < until; now++) {
      for (const { at, wake } of sleepers) if (at <= now) wake();
      await settle();
    }
    await settle();
  };
  return { clock, move };
}

/** A committer with a commit every 100 ms, and which partitions each of its transactions held. */
function committer() {
  const time = timeByHand();
  const commits: { at: number; partitions: number[] }[] = [];
  const transact = (transaction: { offsets?: { offsets: readonly { partition: number }[] } }) => {
    const partitions = transaction.offsets?.offsets.map(({ partition }) => partition) ?? [];
    commits.push({ at: time.clock.now(), partitions });
    return Promise.resolve({ end: 'committed' } as const);
  };
  const fail = (error: unknown): never => {
    throw error;
  };
  const open = openCommitter({
    writer: { transact, resume: () => Promise.resolve('ours') },
    group: 'g',
    topic: 't',
    limits: { commitIntervalMs: 100, maxRecords: 100, maxBytes: 1_000 },
    clock: time.clock,
    guard: () => ({ member: 'm', generation: 1 }),
    onCommitted: () => undefined,
    onUndone: fail,
    onLost: fail,
    onFailure: fail,
  });
  return { ...time, open, commits };
}

test('lanes that begin together are committed together, when the last is done', async () => {
  const { open, move, commits } = committer();
  const rested = [0, 1, 2].map(() => open.atWork());
  for (const partition of [0, 1, 2]) {
    await move(10);
    open.add(lane, work(partition));
    rested[partition]?.();
  }
  await move(1);
  expect(commits).toEqual([{ at: 30, partitions: [0, 1, 2] }]);
});

test('a lane that takes long is waited for half the interval, and goes with the next', async () => {
  const { open, move, commits } = committer();
  const [first, slow] = [open.atWork(), open.atWork()];
  open.add(lane, work(0));
  first();
  await move(49);
  expect(commits).toEqual([]);
  await move(31);
  open.add(lane, work(1));
  slow();
  await move(200);
  expect(commits).toEqual([
    { at: 50, partitions: [0] },
    { at: 150, partitions: [1] },
  ]);
});

test('a lane alone waits for nobody, and one that ends without a result keeps nobody waiting', async () => {
  const { open, move, commits } = committer();
  const alone = open.atWork();
  open.add(lane, work(0));
  alone();
  await move(0);
  expect(commits).toEqual([{ at: 0, partitions: [0] }]);
  await move(200);
  const [worked, failed] = [open.atWork(), open.atWork()];
  open.add(lane, work(1));
  worked();
  failed();
  failed();
  await move(0);
  expect(commits.at(-1)).toEqual({ at: 200, partitions: [1] });
});
