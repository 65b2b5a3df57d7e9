import { readEntry } from '../contract/schema-log-entry.ts';
import type { SchemaLog, SchemaLogEntry, SchemaLogKey } from '../contract/schema-log.ts';
import { classify, DownlinkError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import type { Fetcher } from './reader/fetcher.ts';
import { read } from './reader/read.ts';
import { openTransactionalWriter } from './writer/transactional-writer.ts';

const partition = 0;

/**
 * A schema registry's state in a topic of one compacted partition, in Confluent's own record format, so that a real
 * registry can take it over. One registry at a time may write: whoever reads takes the topic over from all before it, and
 * who has lost it has to read before it may write again, so that two never give one id to two schemas.
 */
export function openTopicSchemaLog(cluster: Cluster, fetcher: Fetcher, topic = '_schemas'): SchemaLog {
  const writer = openTransactionalWriter(cluster, { transactionalId: `schema-log.${topic}` });
  let mine = false;
  return {
    read: async () => {
      // When it resolves every entry that was committed can be read, and none is under way.
      await writer.fence();
      mine = true;
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
      const outcome = mine && (await writer.transact({ records: [{ topic, partition, records: [record] }] }));
      mine = outcome !== false && outcome.end === 'committed';
      if (mine) return;
      const why = outcome !== false && 'why' in outcome ? outcome.why : 'the entry before failed';
      const then = 'what it holds has to be read before the next entry; another registry may have taken it over';
      throw new DownlinkError('kafka-unavailable', `${topic}: ${why}; ${then}`);
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
    return readEntry(key && JSON.parse(key), value && JSON.parse(value.toString()));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : classify(thrown).detail;
    throw new DownlinkError('data-unusable', `${place}: ${why}`);
  }
}
