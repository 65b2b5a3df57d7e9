import { expect, test } from '@jest/globals';
import { Type } from '../../src/avro/avsc.ts';
import { typeNamed, writerOf } from '../../src/avro/own-types.ts';
import { openReader } from '../../src/avro/reader.ts';
import { ownType } from '../../src/avro/types.ts';
import type { SchemaJson } from '../../src/avro/typescript.ts';
import type { SchemaName } from '../../src/contract/index.ts';
import { DownlinkError } from '../../src/errors.ts';
import { seeded, seedOfRun } from '../support/random.ts';
import { validRecords } from '../support/samples.ts';
import { fastestMs, mutated } from './mutate.ts';

const names = Object.keys(validRecords) as SchemaName[];

/** The same record, read by somebody who knows only every second field: the others are passed over. */
function narrowed(type: Type): Type {
  const schema = type.schema({ exportAttrs: true }) as { fields: readonly unknown[] };
  return ownType({ ...schema, fields: schema.fields.filter((_, i) => i % 2 === 1) } as unknown as SchemaJson);
}

test('10,000 mutated records are each valid or rejected with a code, in under 50 ms', async () => {
  const random = seeded(seedOfRun());
  const source = {
    typeOf: (id: number) => {
      const name = names[id];
      if (name === undefined) return Promise.reject(new DownlinkError('schema-unknown', `no schema ${id}`));
      return Promise.resolve(Type.forSchema(typeNamed(name).schema({ exportAttrs: true })));
    },
  };
  const valid = names.map((name, id) => writerOf(name, id).encode(validRecords[name] as never));
  const readers = names
    .flatMap((name) => [typeNamed(name), narrowed(typeNamed(name))])
    .map((type) => openReader(source, [type]));
  const outcomes = new Map<string, number>();
  for (let i = 0; i < 10_000; i++) {
    const at = i % readers.length;
    const bytes = mutated(valid[Math.floor(at / 2)] ?? Buffer.alloc(0), random);
    let outcome = 'valid';
    const ms = await fastestMs(async () => {
      try {
        outcome = 'valid';
        await readers[at]?.decode(bytes);
      } catch (thrown) {
        outcome =
          thrown instanceof DownlinkError && thrown.verdict === 'reject' ? thrown.code : `not coded: ${String(thrown)}`;
      }
    });
    if (ms > 50) outcome = `took ${ms} ms: ${bytes.toString('hex')}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  process.stderr.write(`${JSON.stringify(Object.fromEntries(outcomes))}\n`);
  const legal = ['valid', 'record-unframed', 'record-corrupt', 'schema-unknown', 'schema-unreadable'];
  expect([...outcomes.keys()].filter((outcome) => !legal.includes(outcome))).toEqual([]);
  // Mutations that all fail at the first byte would prove nothing.
  expect(outcomes.get('valid')).toBeGreaterThan(500);
  expect(outcomes.get('record-corrupt')).toBeGreaterThan(500);
});
