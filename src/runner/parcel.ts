import type { OutRecord } from '../kafka/records/encode-batch.ts';
import type { RecordView } from '../kafka/records/record-views.ts';

export interface PartitionRecords {
  readonly topic: string;
  readonly partition: number;
  readonly records: OutRecord[];
}

/** What a batch leaves behind, by topic and partition. */
export interface Parcel {
  readonly partitions: Iterable<PartitionRecords>;
  readonly bytes: number;
  /** The W3C traces that the records came with, some of them where there are many. */
  readonly traces: readonly string[];
  /** With the newest time of what it was made from, and its trace. */
  add(topic: string, partition: number, record: { readonly key: string; readonly value: Buffer | null }): void;
  addAsIs(topic: string, partition: number, record: OutRecord): void;
}

const trace = 'traceparent';
const mostTraces = 16;

export function openParcel(from: readonly RecordView[]): Parcel {
  const partitions = new Map<string, PartitionRecords>();
  const { timestamp, traces, any } = inherited(from);
  let bytes = 0;
  let last: PartitionRecords | undefined;

  const place = (topic: string, partition: number): OutRecord[] => {
    if (last?.topic === topic && last.partition === partition) return last.records;
    const name = `${topic} ${partition}`;
    last = partitions.get(name) ?? { topic, partition, records: [] };
    partitions.set(name, last);
    return last.records;
  };
  const addAsIs: Parcel['addAsIs'] = (topic, partition, record) => {
    bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    place(topic, partition).push(record);
  };
  return {
    partitions: { [Symbol.iterator]: () => partitions.values() },
    get bytes() {
      return bytes;
    },
    get traces() {
      return [...new Set([...traces.values()].slice(0, mostTraces).map(String))];
    },
    addAsIs,
    add: (topic, partition, { key, value }) => {
      if (any === undefined) return addAsIs(topic, partition, { key, value, timestamp });
      addAsIs(topic, partition, { key, value, timestamp, headers: [[trace, traces.get(key) ?? any]] });
    },
  };
}

/** What an output has from its inputs: the newest time, and the W3C trace of its key or, without one, of the last that has any. */
function inherited(from: readonly RecordView[]) {
  const traces = new Map<string, Buffer>();
  let any: Buffer | undefined;
  let timestamp = 0;
  for (const record of from) {
    if (record.timestamp > timestamp) timestamp = record.timestamp;
    if (!record.hasHeaders) continue;
    const found = record.headers().find(([name]) => name === trace)?.[1];
    if (found === undefined || found === null) continue;
    any = found;
    traces.set(record.keyText() ?? '', found);
  }
  return { timestamp, traces, any };
}
