import type { Stage, Topology } from '../config/topology.ts';
import { DownlinkError } from '../errors.ts';
import { membersOf } from '../kafka/group/members.ts';
import type { Fetcher } from '../kafka/reader/fetcher.ts';
import { committedOffset, offsetOf, type Place } from '../kafka/reader/offsets.ts';
import { read } from '../kafka/reader/read.ts';
import { openTransactionalWriter } from '../kafka/writer/transactional-writer.ts';

/** Where a stage stands in one partition, and what there is to read. */
export interface Position {
  readonly stage: string;
  readonly topic: string;
  readonly partition: number;
  readonly committed: bigint | undefined;
  readonly first: bigint;
  readonly end: bigint;
}

export async function positionsOf(fetcher: Fetcher, { declaration, group, from }: Stage): Promise<readonly Position[]> {
  const { cluster } = fetcher;
  const of = async (partition: number): Promise<Position> => {
    const place = { topic: from.kafkaName, partition };
    const [committed, first, end] = await Promise.all([
      committedOffset(cluster, group, place),
      offsetOf(cluster, place, 'earliest'),
      offsetOf(cluster, place, 'latest'),
    ]);
    return { stage: declaration.name, topic: from.kafkaName, partition, committed, first, end };
  };
  return Promise.all(Array.from({ length: from.partitions }, (_, partition) => of(partition)));
}

/** A place in the log, or an offset. */
export type Target = Place | { readonly offset: bigint };

export interface Reset {
  readonly from: Position;
  readonly to: bigint;
  /** Keys whose state is forgotten: with it, what is read again would be taken for seen. */
  readonly forgotten: readonly string[];
}

export interface ResetOptions {
  readonly fetcher: Fetcher;
  readonly topology: Topology;
  readonly stage: Stage;
  readonly target: Target;
  /** Left out: all. */
  readonly partitions?: readonly number[];
}

/** What a reset would do. Fails where the target is outside the log. */
export async function planReset({ fetcher, stage, target, partitions }: ResetOptions): Promise<readonly Reset[]> {
  const positions = (await positionsOf(fetcher, stage)).filter(
    ({ partition }) => partitions === undefined || partitions.includes(partition),
  );
  if (positions.length === 0) {
    throw new DownlinkError(
      'config-invalid',
      `${stage.from.kafkaName} has the partitions 0 to ${stage.from.partitions - 1}`,
    );
  }
  return Promise.all(
    positions.map(async (from) => {
      const place = { topic: from.topic, partition: from.partition };
      const isOffset = typeof target === 'object' && 'offset' in target;
      const to = isOffset ? target.offset : await offsetOf(fetcher.cluster, place, target);
      if (to < from.first || to > from.end) {
        const what = `${from.topic} ${from.partition}: ${to} is outside the log, which holds ${from.first} to ${from.end}`;
        throw new DownlinkError('position-outside-log', what);
      }
      return { from, to, forgotten: await keysIn(fetcher, stage, from.partition) };
    }),
  );
}

/** The keys that have a checkpoint. */
async function keysIn(fetcher: Fetcher, { checkpoints }: Stage, partition: number): Promise<readonly string[]> {
  const keys = new Set<string>();
  if (checkpoints === undefined) return [];
  for await (const record of read(fetcher, { topic: checkpoints.kafkaName, partition })) {
    const key = record.keyText() ?? '';
    if (record.value === null) keys.delete(key);
    else keys.add(key);
  }
  return [...keys];
}

/**
 * Sets where a stage goes on, and makes it forget its state, in one transaction: one without the other would double or
 * drop. Only while nobody is in the group, whose members would go on from where they are.
 */
export async function reset(options: ResetOptions): Promise<readonly Reset[]> {
  const { fetcher, stage } = options;
  const { group, checkpoints } = stage;
  await nobodyIn(fetcher, group);
  const writer = openTransactionalWriter(fetcher.cluster, { transactionalId: `${group}.reset` });
  await writer.fence();
  const plan = await planReset(options);
  const timestamp = Date.now();
  const records = plan.flatMap(({ from: { partition }, forgotten }) =>
    checkpoints === undefined || forgotten.length === 0
      ? []
      : [
          {
            topic: checkpoints.kafkaName,
            partition,
            records: forgotten.map((key) => ({ key, value: null, timestamp })),
          },
        ],
  );
  const offsets = plan.map(({ from: { topic, partition }, to }) => ({ topic, partition, offset: to }));
  const outcome = await writer.transact({ records, offsets: { group, offsets } });
  if (outcome.end !== 'committed') {
    const what = `${group}: whether the offsets were set is not known (${outcome.why}); \`offsets ls\` shows it`;
    throw new DownlinkError('kafka-unavailable', what);
  }
  return plan;
}

export async function nobodyIn({ cluster }: Fetcher, group: string): Promise<void> {
  const { members } = await membersOf(cluster, group);
  if (members.length === 0) return;
  const hosts = members.map(({ host }) => host).join(', ');
  throw new DownlinkError('config-invalid', `${group} has ${members.length} members (${hosts}); stop the stage first`);
}
