// What framing, checks and resolvers cost beside plain avsc: one telemetry record of 25 sensors, encoded and decoded.
// The candidates take turns in one process, so that what slows the machine slows all of them; the ratio is the result.
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Avsc from 'avsc';
import { Type } from '../src/avro/avsc.ts';
import { readerOf, typeNamed, writerOf } from '../src/avro/own-types.ts';
import { schemaFolder } from '../src/avro/schema-files.ts';

// A copy of avsc of its own, as it comes: downlink mends the other.
const require = createRequire(import.meta.url);
for (const file of Object.keys(require.cache))
  if (/[\\/]avsc[\\/]/.test(file)) Reflect.deleteProperty(require.cache, file);
const avsc = require('avsc') as typeof Avsc;

const schema = JSON.parse(readFileSync(join(schemaFolder, 'telemetry.avsc'), 'utf8')) as Avsc.Schema;
const value = {
  satellite_id: 'SAT-001',
  entity: 'A-1',
  timestamp: 1_700_000_000_000,
  index: 7,
  values: Array.from({ length: 25 }, (_, i) => Math.fround(Math.sin(i))),
  labels: null,
};

const plain = avsc.Type.forSchema(schema);
// The same record as an older producer writes it: one field fewer, another one more.
const { fields, ...rest } = schema as Avsc.schema.RecordType;
const older = Type.forSchema({
  ...rest,
  fields: [...fields.filter(({ name }) => name !== 'labels'), { name: 'extra', type: 'string' }],
});
const source = { typeOf: (id: number) => Promise.resolve(id === 1 ? typeNamed('telemetry') : older) };
const reader = readerOf(source, ['telemetry']);
const writer = writerOf('telemetry', 1);
const body = plain.toBuffer(value);
const framed = writer.encode(value);
const evolved = Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), older.toBuffer({ ...value, extra: 'x' })]);
await Promise.all([reader.decode(framed), reader.decode(evolved)]);

const client = new SchemaRegistry({ host: 'http://127.0.0.1:1' });
client.cache.setSchema(1, 'AVRO' as never, plain);

const candidates: Readonly<Record<string, Readonly<Record<string, () => unknown>>>> = {
  encode: {
    'plain avsc': () => plain.toBuffer(value),
    downlink: () => writer.encode(value),
    'registry client': () => client.encode(1, value),
  },
  decode: {
    'plain avsc': (): unknown => plain.fromBuffer(body),
    downlink: () => reader.decode(framed),
    "downlink, another writer's schema": () => reader.decode(evolved),
    'registry client': () => client.decode(framed) as Promise<unknown>,
  },
};

const rounds = 15;
const calls = 40_000;

async function microseconds(call: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    const result = call();
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

console.log(
  `one telemetry record, ${framed.length} bytes; CPU µs a record, median of ${rounds} rounds of ${calls}; Node ${process.version}\n`,
);
for (const [direction, ways] of Object.entries(candidates)) {
  const seen = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, call] of Object.entries(ways)) {
      const cost = await microseconds(call);
      if (round >= 0) seen.get(name)?.push(cost);
    }
  }
  const base = seen.get('plain avsc') ?? [];
  console.log(`${direction.padEnd(36)}µs    × plain`);
  for (const [name, costs] of seen) {
    const ratio = median(costs.map((cost, i) => cost / (base[i] ?? NaN)));
    console.log(`  ${name.padEnd(32)}${median(costs).toFixed(3).padStart(6)}   ${ratio.toFixed(2)}`);
  }
}
