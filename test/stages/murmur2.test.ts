import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { murmur2, partitionOf } from '../../src/stages/ingest/murmur2.ts';
import { seeded, seedOfRun } from '../support/random.ts';

type Partitioner = (asked: {
  readonly topic: string;
  readonly partitionMetadata: readonly { readonly leader: number }[];
  readonly message: { readonly key: string };
}) => number;
// kafkajs exports no hash, and its partitioner is what users' producers have.
const kafkajs = createRequire(import.meta.url);
const hash = kafkajs('kafkajs/src/producer/partitioners/default/murmur2') as (key: string | Buffer) => number;
const choose = (kafkajs('kafkajs/src/producer/partitioners/default') as () => Partitioner)();

test("Kafka's own vectors", () => {
  // From Kafka's UtilsTest.testMurmur2.
  const vectors: readonly (readonly [string, number])[] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  for (const [key, expected] of vectors) expect([key, murmur2(Buffer.from(key))]).toEqual([key, expected]);
});

test('10,000 random keys are hashed and placed as by kafkajs, whatever their letters and length', () => {
  const random = seeded(seedOfRun());
  const letters = ['a', 'Z', '0', '-', '/', '_', 'é', 'ß', '京', '\u{1f680}', '\0', '\u07ff'];
  for (let i = 0; i < 10_000; i++) {
    const key = Array.from({ length: 1 + Math.floor(random() * 24) }, () =>
      random() < 0.2
        ? String.fromCodePoint(Math.floor(random() * 0xd7ff))
        : letters[Math.floor(random() * letters.length)],
    ).join('');
    const partitions = 1 + Math.floor(random() * 64);
    const partitionMetadata = Array.from({ length: partitions }, () => ({ leader: 0 }));
    const asked = { topic: 't', partitionMetadata, message: { key } };
    expect([key, murmur2(Buffer.from(key)), partitionOf(key, partitions)]).toEqual([key, hash(key), choose(asked)]);
  }
});

test('bytes that begin anywhere in their buffer', () => {
  const padded = Buffer.from('xxxSAT-001/A-1yy');
  expect(murmur2(padded.subarray(3, 14))).toBe(hash('SAT-001/A-1'));
});
