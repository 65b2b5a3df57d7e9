import { expect, test } from '@jest/globals';
import { DownlinkError } from '../../src/errors.ts';
import type { Chunk } from '../../src/kafka/reader/chunk.ts';
import type { Fetcher } from '../../src/kafka/reader/fetcher.ts';
import { follow } from '../../src/kafka/reader/follow.ts';

const partition = { topic: 't', partition: 3 };
const outside = () => new DownlinkError('position-outside-log', 't 3: position 10 is outside the log');

function chunk(from: bigint, position: bigint, corrupt?: string): Chunk {
  const offsets = Array.from({ length: Number(position - from) }, (_, at) => ({ offset: from + BigInt(at) }));
  const damage = { corrupt: { error: new DownlinkError('batch-corrupt', corrupt ?? '') } };
  return { position, records: () => (corrupt ? [] : offsets), ...(corrupt ? damage : {}) } as unknown as Chunk;
}

/** Answers one after the other, and then nothing more. The log begins at `first`. */
function fetcherOf(answers: readonly (Chunk | Error)[], first: bigint) {
  const [left, sought] = [[...answers], [] as bigint[]];
  let closed: () => void = () => undefined;
  const end = new Promise<never>((_, reject) => (closed = () => reject(new Error('closed'))));
  end.catch(() => undefined);
  const next = () => {
    const answer = left.shift();
    if (answer === undefined) return end;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const source = { partition, next, seek: (offset: bigint) => sought.push(offset), close: () => closed() };
  const cluster = { send: () => Promise.resolve([{ error: 0, offset: first }]) };
  return { fetcher: { open: () => source, cluster } as unknown as Fetcher, sought };
}

async function followed(answers: readonly (Chunk | Error)[], first: bigint, until: number) {
  const stopping = new AbortController();
  const { fetcher, sought } = fetcherOf(answers, first);
  const [taken, notes] = [[] as bigint[], [] as string[]];
  const take = ({ offset }: { readonly offset: bigint }): Promise<void> => {
    taken.push(offset);
    if (taken.length === until) stopping.abort();
    return Promise.resolve();
  };
  const from = [{ ...partition, offset: 8n }];
  await follow({ fetcher, from, take, note: (line) => notes.push(line), signal: stopping.signal });
  return { taken, notes, sought };
}

test('what was removed unread is said, and following goes on behind it', async () => {
  expect(await followed([chunk(8n, 10n), outside(), chunk(15n, 17n)], 15n, 4)).toEqual({
    taken: [8n, 9n, 15n, 16n],
    notes: ['t 3: 5 records from 10 on were removed before they were read'],
    sought: [15n],
  });
});

test('a damaged batch is said, and passed over', async () => {
  const found = await followed([chunk(8n, 9n), chunk(9n, 12n, 't 3: the batch at 9'), chunk(12n, 13n)], 0n, 2);
  expect([found.taken, found.notes]).toEqual([[8n, 12n], ['batch-corrupt: t 3: the batch at 9; passed over']]);
});

test('a log that ends before the position is an error: it is another one, or has lost its end', async () => {
  await expect(followed([outside()], 0n, 1)).rejects.toMatchObject({ code: 'position-outside-log' });
});

test('it stops in the middle of what was fetched', async () => {
  expect((await followed([chunk(8n, 100n)], 0n, 3)).taken).toEqual([8n, 9n, 10n]);
});
