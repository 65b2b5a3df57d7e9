import { expect, test } from '@jest/globals';
import type { Kept } from '../../src/embedded/broker/transactions/kept.ts';
import { openTransactions } from '../../src/embedded/broker/transactions/transactions.ts';
import type { Place, Producer } from '../../src/embedded/broker/transactions/transaction.ts';
import { refusalOf } from './groups-world.ts';

interface Entry {
  readonly key: string;
  readonly value: string | null;
}

const [a, b, c] = ['a', 'b', 'c'].map((topic): Place => ({ topic, partition: 0 })) as [Place, Place, Place];
const none: Producer = { id: -1, epoch: -1 };

/** A coordinator on a log in memory; its disk, and the partitions, can be full. */
function openWorld() {
  const log: Entry[] = [];
  const marked: string[] = [];
  const full = new Set<string>();
  let now = 1_000;
  const kept: Kept = {
    append: (entries) => {
      if (full.has('state')) return Promise.reject(new Error('the disk is full'));
      log.push(...entries);
      return Promise.resolve();
    },
    read: () => [...log],
  };
  const open = () =>
    openTransactions({
      kept,
      mark: ({ topic }, { epoch }, commit) => {
        if (full.has(topic)) throw new Error(`${topic} is full`);
        const mark = `${topic} ${epoch} ${commit ? 'commit' : 'abort'}`;
        if (!marked.includes(mark)) marked.push(mark);
      },
      endOffsets: () => Promise.resolve(),
      settled: () => Promise.resolve(),
      now: () => now,
    });
  let transactions = open();
  return {
    marked,
    full,
    get transactions() {
      return transactions;
    },
    restart: () => {
      transactions = open();
    },
    later: (ms: number) => {
      now += ms;
    },
  };
}

async function ongoing(world: ReturnType<typeof openWorld>, places: readonly Place[] = [a, b, c]): Promise<Producer> {
  const producer = await world.transactions.init('t', 60_000, none);
  await world.transactions.add('t', producer, places);
  return producer;
}

test.each([
  { raise: false, form: 'the older form' },
  { raise: true, form: 'the newer form' },
])('in $form, an end that a full disk stopped half-way is the same when it is asked for again', async ({ raise }) => {
  const world = openWorld();
  const producer = await ongoing(world);
  world.full.add('b');
  await expect(world.transactions.end('t', { producer, commit: true, raise })).rejects.toThrow('b is full');
  world.full.clear();
  await world.transactions.end('t', { producer, commit: true, raise });
  const epoch = raise ? 1 : 0;
  expect(world.marked).toEqual([`a ${epoch} commit`, `b ${epoch} commit`, `c ${epoch} commit`]);
  expect(world.transactions.find('t')?.state).toBe('CompleteCommit');
});

test('an end that a full disk stopped is gone on with by itself, and by whoever comes next', async () => {
  const world = openWorld();
  const producer = await ongoing(world);
  world.full.add('b');
  const end = { producer, commit: true, raise: true };
  await expect(world.transactions.end('t', end)).rejects.toThrow('b is full');
  await expect(world.transactions.expire()).rejects.toThrow('b is full');
  await expect(world.transactions.init('t', 60_000, none)).rejects.toThrow('b is full');
  world.full.clear();
  await world.transactions.expire();
  expect(world.transactions.find('t')?.state).toBe('CompleteCommit');
  expect(world.marked).toEqual(['a 1 commit', 'b 1 commit', 'c 1 commit']);
});

test('what could not be written down has not been: it is open as before, and can be aborted', async () => {
  const world = openWorld();
  const producer = await ongoing(world, [a]);
  world.full.add('state');
  await expect(world.transactions.end('t', { producer, commit: true, raise: true })).rejects.toThrow('full');
  await expect(world.transactions.add('t', producer, [b])).rejects.toThrow('full');
  expect(world.marked).toEqual([]);
  world.full.clear();
  expect(await refusalOf(() => world.transactions.check('t', producer, b))).toBe(48);
  await world.transactions.end('t', { producer, commit: false, raise: true });
  expect(world.marked).toEqual(['a 1 abort']);
});

test('an id is given once, also where it could not be written down at first', async () => {
  const world = openWorld();
  world.full.add('state');
  await expect(world.transactions.init(null, 1, none)).rejects.toThrow('full');
  world.full.clear();
  const { id } = await world.transactions.init(null, 1, none);
  world.restart();
  expect((await world.transactions.init(null, 1, none)).id).toBeGreaterThan(id);
});

test('a partition is part of a transaction once, however often it is named', async () => {
  const world = openWorld();
  const producer = await ongoing(world, [a, a, b]);
  await world.transactions.add('t', producer, [b, a, c, c]);
  expect(world.transactions.find('t')?.partitions).toEqual([a, b, c]);
});

test('a transaction that takes too long is aborted, and its producer is fenced', async () => {
  const world = openWorld();
  const producer = await ongoing(world, [a]);
  world.later(60_000);
  await world.transactions.expire();
  expect(world.marked).toEqual([]);
  world.later(1);
  await world.transactions.expire();
  expect(world.marked).toEqual(['a 1 abort']);
  expect(await refusalOf(() => world.transactions.add('t', producer, [b]))).toBe(90);
});

test('an id that is too long is refused', async () => {
  const world = openWorld();
  expect(await refusalOf(() => world.transactions.init('t'.repeat(1_025), 60_000, none))).toBe(44);
});
