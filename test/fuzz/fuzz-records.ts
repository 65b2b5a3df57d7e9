import { Type } from '../../src/avro/avsc.ts';
import { schemaText, typeNamed, writerOf } from '../../src/avro/own-types.ts';
import { openReader } from '../../src/avro/reader.ts';
import { ownType } from '../../src/avro/types.ts';
import type { SchemaName } from '../../src/contract/index.ts';
import { DownlinkError } from '../../src/errors.ts';
import { seeded } from '../support/random.ts';
import { validRecords } from '../support/samples.ts';
import { fastestMs, mutated } from './mutate.ts';

const names = Object.keys(validRecords) as SchemaName[];

/** The same record, read by somebody who knows only every second field: the others are passed over. */
function narrowed(type: Type): Type {
  const schema = type.schema({ exportAttrs: true }) as { fields: readonly unknown[] };
  return ownType(JSON.stringify({ ...schema, fields: schema.fields.filter((_, i) => i % 2 === 1) }));
}

const source = {
  typeOf: (id: number) => {
    const name = names[id];
    if (name === undefined) return Promise.reject(new DownlinkError('schema-unknown', `no schema ${id}`));
    return Promise.resolve(Type.forSchema(JSON.parse(schemaText(name)) as Parameters<typeof Type.forSchema>[0]));
  },
};

/** Decodes mutated records; how often each outcome came: `valid`, a code, or what must not be. */
export async function fuzzRecords(seed: number, count: number): Promise<ReadonlyMap<string, number>> {
  const random = seeded(seed);
  const valid = names.map((name, id) => writerOf(name, id).encode(validRecords[name] as never));
  const types = names.flatMap((name) => [typeNamed(name), narrowed(typeNamed(name))]);
  const readers = types.map((type) => openReader(source, [type]));
  const outcomes = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const at = i % readers.length;
    const bytes = mutated(valid[Math.floor(at / 2)] ?? Buffer.alloc(0), random);
    let outcome = 'valid';
    const ms = await fastestMs(async () => {
      try {
        await readers[at]?.decode(bytes);
        outcome = 'valid';
      } catch (thrown) {
        const coded = thrown instanceof DownlinkError && thrown.verdict === 'reject';
        outcome = coded ? thrown.code : `not coded: ${String(thrown)}`;
      }
    });
    if (ms > 50) outcome = `took ${ms} ms: ${bytes.toString('hex')}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}

const legal = ['valid', 'record-unframed', 'record-corrupt', 'schema-unknown', 'schema-unreadable'];
export const illegal = (outcomes: ReadonlyMap<string, number>) =>
  [...outcomes.keys()].filter((outcome) => !legal.includes(outcome));
