import type { Columns } from './columns.ts';
import type { Client } from './pool.ts';
import { statements } from './statements.ts';

/** Up to where a consumer group has written what it read from a partition. */
export interface Position {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: bigint;
}

/**
 * The rows of a batch and the position behind it, in the transaction of the client. Whoever else writes for the same lane waits
 * at the position. Answers the position that was there where that is not before the batch's: then nothing is written.
 */
export async function writeBatch(
  client: Client,
  columns: readonly Columns[],
  { group, topic, partition, next }: Position,
): Promise<bigint | undefined> {
  const lane = [group, topic, partition] as const;
  const stored = (await locked(client, lane)) ?? (await begun(client, lane));
  if (stored >= next) return stored;
  for (const { table, lists } of columns) await client.query(statements[table], [...lists]);
  await client.query(
    `update positions set next_offset = $4, written_at = now() where group_name = $1 and topic = $2 and partition = $3`,
    [...lane, String(next)],
  );
  return undefined;
}

type Lane = readonly [group: string, topic: string, partition: number];

async function locked(client: Client, lane: Lane): Promise<bigint | undefined> {
  const { rows } = await client.query<{ next_offset: string }>(
    'select next_offset from positions where group_name = $1 and topic = $2 and partition = $3 for update',
    [...lane],
  );
  return rows[0] === undefined ? undefined : BigInt(rows[0].next_offset);
}

async function begun(client: Client, lane: Lane): Promise<bigint> {
  await client.query(
    'insert into positions (group_name, topic, partition, next_offset) values ($1, $2, $3, 0) on conflict do nothing',
    [...lane],
  );
  return (await locked(client, lane)) ?? 0n;
}
