import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaSettings } from '../config/kafka-environment.ts';
import type { Stage, Topology } from '../config/topology.ts';
import { classify } from '../errors.ts';
import { kafkaConfig } from '../kafka/connection.ts';
import { membersOf, type Member } from '../kafka/group/members.ts';
import { partitionCounts } from '../kafka/partition-counts.ts';
import { openFetcher, type Fetcher } from '../kafka/reader/fetcher.ts';
import { committedOffset, offsetOf } from '../kafka/reader/offsets.ts';
import { read } from '../kafka/reader/read.ts';
import { kafkaAddressOf } from './kafka-address.ts';
import { openLetterCounts } from './letter-counts.ts';
import { scrape, type Scraped } from './scrape.ts';

/** One partition of one stage, as it is seen from outside. What nobody could say is undefined. */
export interface LaneStatus {
  readonly stage: string;
  readonly topic: string;
  readonly partition: number;
  readonly member: string | undefined;
  readonly host: string | undefined;
  /** The offset behind what is done. */
  readonly committed: number | undefined;
  readonly lagRecords: number | undefined;
  readonly lagSeconds: number | undefined;
  readonly recordsPerSecond: number | undefined;
  readonly deadLetters: number;
  readonly lastCommitSecondsAgo: number | undefined;
  readonly restores: number | undefined;
  readonly form: string | undefined;
}

export interface Status {
  readonly topology: string;
  readonly at: string;
  readonly groups: readonly { readonly group: string; readonly state: string; readonly members: number }[];
  readonly lanes: readonly LaneStatus[];
  /** What a reader has to know of the figures. */
  readonly notes: readonly string[];
}

export interface StatusReader {
  read(): Promise<Status>;
  close(): Promise<void>;
}

/** So many dead letters are looked at, counted from the end. */
const lastLetters = 10_000;

/** How the lanes of a topology are, asked of Kafka and, at the addresses that are named, of the processes. */
export function openStatus(topology: Topology, kafka: KafkaSettings, urls: readonly string[]): StatusReader {
  const fetcher = openFetcher({ config: kafkaConfig(kafkaAddressOf(kafka)), maxPartitionBytes: 64 << 10 });
  const { kafkaName: deadTopic } = topology.deadLetters;
  const letters = openLetterCounts(fetcher, deadTopic, lastLetters);
  let before: { readonly at: number; readonly told: Scraped } | undefined;

  const rates = async () => {
    if (before === undefined && urls.length > 0) {
      before = { at: performance.now(), told: await scrape(urls) };
      await delay(1_000);
    }
    const now = { at: performance.now(), told: await scrape(urls) };
    const last = before ?? now;
    before = now;
    const rateOf = (lane: string): number | undefined => {
      const [earlier, later] = [last.told.lanes.get(lane), now.told.lanes.get(lane)];
      if (earlier === undefined || later === undefined || now.at === last.at) return undefined;
      // A process that began anew counts anew.
      return Math.max(0, (later.records - earlier.records) / ((now.at - last.at) / 1000));
    };
    return { told: now.told, rateOf };
  };

  return {
    close: () => fetcher.close(),
    read: async () => {
      const sources = topology.stages.map(({ from }) => from.kafkaName);
      const partitions = await partitionCounts(fetcher.cluster, [...sources, deadTopic]);
      const [{ told, rateOf }, dead, groups] = await Promise.all([
        rates(),
        letters.read(partitions.get(deadTopic) ?? 0),
        Promise.all(topology.stages.map(({ group }) => membersOf(fetcher.cluster, group))),
      ]);
      const unknown: string[] = [];
      const lanes = topology.stages.map((stage, i) => {
        const owners = ownersIn(groups[i]?.members ?? [], stage.from.kafkaName);
        const count = partitions.get(stage.from.kafkaName) ?? 0;
        return Array.from({ length: count }, async (_, partition): Promise<LaneStatus> => {
          const lane = `${stage.declaration.name} ${partition}`;
          const [owner, own] = [owners.get(partition), told.lanes.get(lane)];
          return {
            ...(await lagOf(fetcher, stage, partition, (why) => unknown.push(`${lane}: ${why}`))),
            member: owner?.member,
            host: owner?.host,
            recordsPerSecond: rateOf(lane),
            deadLetters: dead.counts.get(lane) ?? 0,
            lastCommitSecondsAgo: own?.lastCommit === undefined ? undefined : Date.now() / 1000 - own.lastCommit,
            restores: own?.restores,
            form: told.forms.get(stage.declaration.name),
          };
        });
      });
      const missing = [...new Set([...sources, deadTopic])].filter((topic) => !partitions.has(topic));
      const found = await Promise.all(lanes.flat());
      return {
        topology: topology.name,
        at: new Date().toISOString(),
        groups: topology.stages.map(({ group }, i) => {
          return { group, state: groups[i]?.state ?? '', members: groups[i]?.members.length ?? 0 };
        }),
        lanes: found,
        notes: [
          ...missing.map((topic) => `Kafka has no topic ${topic}; \`downlink topics apply ${topology.file}\` makes it`),
          ...(dead.more ? [`dead letters: of the last ${lastLetters} in ${deadTopic}`] : []),
          ...unknown,
          ...told.notes,
        ],
      };
    },
  };
}

function ownersIn(members: readonly Member[], topic: string): ReadonlyMap<number, Member> {
  return new Map(
    members.flatMap((member) =>
      member.partitions.filter((one) => one.topic === topic).map(({ partition }) => [partition, member] as const),
    ),
  );
}

async function lagOf(
  fetcher: Fetcher,
  { declaration, group, from: { kafkaName: topic } }: Stage,
  partition: number,
  note: (why: string) => void,
) {
  const { cluster } = fetcher;
  const place = { topic, partition };
  const lane = { stage: declaration.name, topic, partition };
  try {
    // A transaction that is open holds the answer back; whoever only looks does not wait for it long.
    const [committed, end] = await Promise.all([
      committedOffset(cluster, group, place, 2_000),
      offsetOf(cluster, place, 'latest'),
    ]);
    const first = committed ?? (await offsetOf(cluster, place, 'earliest'));
    const found = { ...lane, committed: committed === undefined ? undefined : Number(committed) };
    for await (const { timestamp } of read(fetcher, place, { from: first, to: end })) {
      return { ...found, lagRecords: Number(end - first), lagSeconds: Math.max(0, (Date.now() - timestamp) / 1000) };
    }
    // Where something lies behind the offset and nothing of it is a record, it is the marker of a transaction.
    return { ...found, lagRecords: 0, lagSeconds: 0 };
  } catch (thrown) {
    const error = classify(thrown);
    if (error.code !== 'kafka-unavailable' && error.code !== 'position-outside-log') throw error;
    note(error.message);
    return { ...lane, committed: undefined, lagRecords: undefined, lagSeconds: undefined };
  }
}
