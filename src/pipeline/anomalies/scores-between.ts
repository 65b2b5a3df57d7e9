import type { Reader } from '../../avro/reader.ts';
import type { Records } from '../../contract/index.ts';
import { partitionCounts } from '../../kafka/partition-counts.ts';
import type { Fetcher } from '../../kafka/reader/fetcher.ts';
import { offsetOf } from '../../kafka/reader/offsets.ts';
import { read } from '../../kafka/reader/read.ts';
import { decoded, type Note } from './decoded.ts';
import { keyOf, type Anomaly } from './told.ts';

type Scores = Records['scores'];

export interface ReadingScores {
  readonly fetcher: Fetcher;
  readonly reader: Reader<Scores>;
  readonly note: Note;
}

/** A record of scores, with where it lies. */
export interface ScoresAt {
  readonly scores: Scores;
  readonly offset: number;
}

/** The records of its entity that an anomaly was judged by, in order. */
export async function* scoresBetween(
  { fetcher, reader, note }: ReadingScores,
  anomaly: Anomaly,
): AsyncGenerator<ScoresAt> {
  const { topic, partition, first_offset, last_offset } = anomaly;
  const range = { from: BigInt(first_offset), to: BigInt(last_offset) + 1n };
  for await (const record of read(fetcher, { topic, partition }, range)) {
    const scores = await decoded(reader, record, { topic, partition }, note);
    if (scores !== undefined && keyOf(scores) === keyOf(anomaly)) yield { scores, offset: Number(record.offset) };
  }
}

/** Why the records that an anomaly was judged by are not all there; undefined where they are. */
export async function whyGone(
  { cluster }: Fetcher,
  { topic, partition, first_offset, last_offset }: Anomaly,
): Promise<string | undefined> {
  const count = (await partitionCounts(cluster, [topic])).get(topic);
  if (count === undefined) return `Kafka has no topic ${topic} any more`;
  if (partition >= count) return `${topic} has no partition ${partition} any more`;
  const [first, end] = await Promise.all([
    offsetOf(cluster, { topic, partition }, 'earliest'),
    offsetOf(cluster, { topic, partition }, 'latest'),
  ]);
  if (first > first_offset)
    return `records of scores were removed: it needs ${topic} ${partition}:${first_offset} on, and the log begins at ${first}`;
  if (end <= last_offset)
    return `records of scores are missing: it needs ${topic} ${partition} up to ${last_offset}, and the log ends before ${end}`;
  return undefined;
}
