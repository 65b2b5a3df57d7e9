import type { SchemaLog, SchemaLogEntry, SchemaLogKey } from '../contract/schema-log.ts';
import { classify, DownlinkError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import type { Fetcher } from './reader/fetcher.ts';
import { read } from './reader/read.ts';
import { openIdempotentWriter } from './writer/idempotent-writer.ts';

const partition = 0;

/**
 * A schema registry's state in a topic of one compacted partition, in Confluent's own record format, so that a real
 * registry can take it over. One registry at a time may write.
 */
export function openTopicSchemaLog(cluster: Cluster, fetcher: Fetcher, topic = '_schemas'): SchemaLog {
  const writer = openIdempotentWriter(cluster);
  return {
    read: async () => {
      const entries: SchemaLogEntry[] = [];
      for await (const record of read(fetcher, { topic, partition })) {
        entries.push(entryOf(record.keyText(), record.value, `${topic} offset ${record.offset}`));
      }
      return entries;
    },
    append: async ({ key, value }) => {
      const record = {
        key: JSON.stringify(inOrder(key)),
        value: value && JSON.stringify(value),
        timestamp: Date.now(),
      };
      await writer.write([{ topic, partition, records: [record] }]);
    },
  };
}

/** Compaction compares the bytes of keys, so they are written as Confluent's registry writes them. */
function inOrder(key: SchemaLogKey): object {
  const { keytype, magic } = key;
  const subject = 'subject' in key ? { subject: key.subject } : {};
  return { keytype, ...subject, ...('version' in key ? { version: key.version } : {}), magic };
}

function entryOf(key: string | null, value: Buffer | null, place: string): SchemaLogEntry {
  try {
    const parsed = { key: JSON.parse(key ?? '') as unknown, value: value && (JSON.parse(value.toString()) as unknown) };
    return parsed as SchemaLogEntry;
  } catch (thrown) {
    throw new DownlinkError('data-unusable', `${place}: ${classify(thrown).detail}`);
  }
}
