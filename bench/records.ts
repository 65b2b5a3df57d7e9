// What record batches cost beside kafkajs: CPU µs a record, written and read. The candidates take turns in one process,
// so that what slows the machine slows all of them; the ratio is the result. No network.
import { createRequire } from 'node:module';
import { batchesIn, type ReadOptions, type RecordView } from '../src/kafka/records/batches.ts';
import { encodeBatch, type OutRecord } from '../src/kafka/records/encode-batch.ts';

const load = createRequire(import.meta.url);
interface Encoded {
  readonly buffer: Buffer;
}
const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: Record<string, unknown>) => Promise<Encoded>;
};
const record = load('kafkajs/src/protocol/recordBatch/record/v0') as (record: Record<string, unknown>) => Encoded;
const decode = load('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: unknown) => Promise<unknown>;
const Decoder = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => unknown;

const options = { producerId: 4711n, producerEpoch: 3, baseSequence: 0, transactional: true };
const recordsOf = (count: number, bytes: number): OutRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    key: `SAT-00${i % 10}/A-1`,
    value: Buffer.alloc(bytes, `${i}`),
    timestamp: 1_700_000_000_000 + i,
  }));

function byKafkajs(records: readonly OutRecord[]): Promise<Encoded> {
  const first = records[0]?.timestamp ?? 0;
  return RecordBatch({
    firstTimestamp: first,
    maxTimestamp: records.at(-1)?.timestamp,
    lastOffsetDelta: records.length - 1,
    transactional: true,
    producerId: '4711',
    producerEpoch: 3,
    records: records.map(({ key, value, timestamp }, offsetDelta) =>
      record({ offsetDelta, timestampDelta: timestamp - first, key, value }),
    ),
  });
}

// What is looked at is added up, so that nothing can be left out as unused.
let seen = 0;
function walk(bytes: Buffer, settings: ReadOptions, look: (view: RecordView) => number): void {
  for (const batch of batchesIn(bytes, settings)) for (const view of batch.records()) seen += look(view);
}
const keyLength = (view: RecordView): number => view.keyText()?.length ?? 0;
const valueLength = (view: RecordView): number => view.value?.length ?? 0;

type Ways = Readonly<Record<string, () => unknown>>;

const encoding = (count: number): [string, number, Ways] => {
  const records = recordsOf(count, 289);
  const ways = {
    kafkajs: () => byKafkajs(records),
    downlink: () => encodeBatch(records, options),
    'downlink, lz4': () => encodeBatch(records, { ...options, codec: 'lz4' }),
  };
  return [`encode, ${count} records of 300 bytes`, count, ways];
};

const reading = (count: number, size: number): [string, number, Ways] => {
  const bytes = encodeBatch(recordsOf(count, size - 27), options);
  const packed = encodeBatch(recordsOf(count, size - 27), { ...options, codec: 'lz4' });
  const ways = {
    'kafkajs (no CRC)': () => decode(new Decoder(bytes)),
    'headers and CRC': () => {
      for (const batch of batchesIn(bytes)) seen += batch.count;
    },
    'walk, no CRC': () => walk(bytes, { crc: false }, ({ timestamp }) => timestamp),
    walk: () => walk(bytes, {}, ({ timestamp }) => timestamp),
    'walk, key strings': () => walk(bytes, {}, keyLength),
    'walk, key strings, value views': () => walk(bytes, {}, (view) => keyLength(view) + valueLength(view)),
    'the same from lz4': () => walk(packed, {}, (view) => keyLength(view) + valueLength(view)),
  };
  return [`read, ${count} records of ${size} bytes`, count, ways];
};

const rounds = 11;
const recordsARound = 50_000;

async function microseconds(call: () => unknown, records: number): Promise<number> {
  const before = process.cpuUsage();
  const calls = Math.ceil(recordsARound / records);
  for (let i = 0; i < calls; i++) {
    const result = call();
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (calls * records);
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

console.log(
  `CPU µs a record, median (least) of ${rounds} rounds of ${recordsARound} records; Node ${process.version}\n`,
);
for (const [title, count, ways] of [
  encoding(8),
  encoding(100),
  encoding(1000),
  reading(100, 300),
  reading(1000, 116),
]) {
  const costs = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, call] of Object.entries(ways)) {
      const cost = await microseconds(call, count);
      if (round >= 0) costs.get(name)?.push(cost);
    }
  }
  const [base = []] = costs.values();
  console.log(`${title.padEnd(36)}    µs  (least)  kafkajs ×`);
  for (const [name, values] of costs) {
    const ratio = median(values.map((cost, i) => (base[i] ?? NaN) / cost));
    const columns = [
      median(values).toFixed(3).padStart(6),
      `(${Math.min(...values).toFixed(3)})`,
      ratio.toFixed(1).padStart(9),
    ];
    console.log(`  ${name.padEnd(34)}${columns.join('  ')}`);
  }
}
if (!Number.isFinite(seen)) throw new Error('nothing was read');
