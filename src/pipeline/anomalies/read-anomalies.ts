import type { Reader } from '../../avro/reader.ts';
import type { Topology } from '../../config/topology.ts';
import { DownlinkError } from '../../errors.ts';
import { partitionCounts } from '../../kafka/partition-counts.ts';
import type { Fetcher } from '../../kafka/reader/fetcher.ts';
import { read } from '../../kafka/reader/read.ts';
import { decoded, type Note } from './decoded.ts';
import type { Anomaly, Told } from './told.ts';

export interface ReadingAnomalies {
  readonly topology: Topology;
  readonly fetcher: Fetcher;
  readonly reader: Reader<Anomaly>;
  readonly note: Note;
}

/** Every phase of every anomaly up to now; those of one entity in the order in which they were told. */
export async function* readAnomalies({ topology, fetcher, reader, note }: ReadingAnomalies): AsyncGenerator<Told> {
  const topics = topology.topics.filter(({ schemas }) => schemas.includes('anomaly')).map(({ kafkaName }) => kafkaName);
  if (topics.length === 0)
    throw new DownlinkError('config-invalid', `${topology.file} has no topic with the schema \`anomaly\``);
  const counts = await partitionCounts(fetcher.cluster, topics);
  for (const topic of topics) {
    const count = counts.get(topic);
    if (count === undefined)
      throw new DownlinkError('config-invalid', `Kafka has no topic ${topic}; \`downlink topics apply\` makes it`);
    for (let partition = 0; partition < count; partition++) {
      for await (const record of read(fetcher, { topic, partition })) {
        const anomaly = await decoded(reader, record, { topic, partition }, note);
        if (anomaly !== undefined) yield { topic, partition, offset: record.offset, anomaly };
      }
    }
  }
}
