import { readerOf } from '../../avro/own-types.ts';
import type { Registry } from '../../avro/registry.ts';
import type { Topology } from '../../config/topology.ts';
import { DownlinkError } from '../../errors.ts';
import type { TopicPartition } from '../../kafka/cluster.ts';
import { partitionCounts } from '../../kafka/partition-counts.ts';
import type { Fetcher } from '../../kafka/reader/fetcher.ts';
import { offsetOf } from '../../kafka/reader/offsets.ts';
import { read } from '../../kafka/reader/read.ts';
import type { RecordView } from '../../kafka/records/batches.ts';
import { decoded, type Note } from '../anomalies/decoded.ts';
import { follow } from '../../kafka/reader/follow.ts';
import { detectIn } from '../train-detector.ts';
import type { Collection } from './collection.ts';
import type { FlaggedBy } from './judged-entity.ts';
import type { Labels } from './labels.ts';

/** A topic, and who takes its records. */
export interface Feed {
  readonly topic: string;
  readonly take: (record: RecordView, place: TopicPartition) => Promise<void>;
}

/** The labels that came with telemetry; none where a file has them. */
export function labelFeeds(
  { file, stages }: Topology,
  registry: Registry,
  labels: Labels,
  note: Note,
): readonly Feed[] {
  const { take } = labels;
  if (take === undefined) return [];
  const ingest = stages.find(({ declaration }) => declaration.name === 'ingest');
  if (ingest === undefined) {
    const detail = `${file} has no stage ingest, with whose telemetry labels could come; give --labels FILE`;
    throw new DownlinkError('config-invalid', detail);
  }
  const reader = readerOf(registry, ['telemetry', 'telemetry-block']);
  const takeRecord: Feed['take'] = async (record, place) => {
    const telemetry = await decoded(reader, record, place, note);
    if (telemetry !== undefined) take(telemetry);
  };
  return [{ topic: ingest.from.kafkaName, take: takeRecord }];
}

/** The scores and, where they are what counts as flagged, the anomalies. */
export function judgedFeeds(
  topology: Topology,
  registry: Registry,
  flaggedBy: FlaggedBy,
  collection: Collection,
  note: Note,
): readonly Feed[] {
  const { from, to } = detectIn(topology);
  const [scores, anomalies] = [readerOf(registry, ['scores']), readerOf(registry, ['anomaly'])];
  const takeScores: Feed['take'] = async (record, place) => {
    const value = await decoded(scores, record, place, note);
    if (value !== undefined) collection.takeScores(value);
  };
  const takeAnomaly: Feed['take'] = async (record, place) => {
    const value = await decoded(anomalies, record, place, note);
    if (value !== undefined) collection.takeAnomaly(value);
  };
  const feeds = [{ topic: from.kafkaName, take: takeScores }];
  if (flaggedBy !== 'anomalies' || !('kafkaName' in to)) return feeds;
  return [...feeds, { topic: to.kafkaName, take: takeAnomaly }];
}

/** All that is committed up to now. */
export async function readFeeds(fetcher: Fetcher, feeds: readonly Feed[]): Promise<void> {
  for (const { place, take } of await placesOf(fetcher, feeds))
    for await (const record of read(fetcher, place)) await take(record, place);
}

/** That, and what comes, until it is told to stop. */
export async function followFeeds(
  fetcher: Fetcher,
  feeds: readonly Feed[],
  note: Note,
  signal: AbortSignal,
): Promise<void> {
  const places = await placesOf(fetcher, feeds);
  const from = await Promise.all(
    places.map(async ({ place }) => ({ ...place, offset: await offsetOf(fetcher.cluster, place, 'earliest') })),
  );
  const takers = new Map(feeds.map(({ topic, take }) => [topic, take]));
  const take: Feed['take'] = async (record, place) => takers.get(place.topic)?.(record, place);
  await follow({ fetcher, from, take, note, signal });
}

async function placesOf({ cluster }: Fetcher, feeds: readonly Feed[]) {
  const counts = await partitionCounts(
    cluster,
    feeds.map(({ topic }) => topic),
  );
  return feeds.flatMap(({ topic, take }) => {
    const count = counts.get(topic);
    if (count === undefined)
      throw new DownlinkError('config-invalid', `Kafka has no topic ${topic}; \`downlink topics apply\` makes it`);
    return Array.from({ length: count }, (_, partition) => ({ place: { topic, partition }, take }));
  });
}
