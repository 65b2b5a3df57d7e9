import type { BatchOptions, OutRecord } from '../../../src/kafka/records/encode-batch.ts';
import type { RecordView } from '../../../src/kafka/records/batches.ts';

export const plain: BatchOptions = { producerId: -1n, producerEpoch: -1, baseSequence: -1, transactional: false };

const texts = [
  '',
  'a',
  'SAT-001/A-1',
  'Größe',
  '衛星',
  '🛰',
  'x'.repeat(25),
  'é'.repeat(40),
  '\0\0\0\0',
  '\u007f\u0080',
];

// To draw each byte by itself would take most of the time of a test.
const pool = Buffer.from(Uint8Array.from({ length: 2 ** 16 }, (_, i) => (i * 2_654_435_761) >>> (i % 23)));

export interface Shape {
  /** The largest value. */
  readonly bytes?: number;
  readonly records?: number;
}

/** Records of all sorts: no, empty and binary keys and values, no headers or ones that repeat, old and far timestamps. */
export function randomRecords(random: () => number, { bytes = 300, records = 20 }: Shape = {}): OutRecord[] {
  const below = (n: number) => Math.floor(random() * n);
  const one = <T>(of: readonly T[]): T => of[below(of.length)] as T;
  const binary = (most: number) => {
    const at = below(pool.length - most);
    return pool.subarray(at, at + below(most));
  };
  const content = (most: number) =>
    [() => null, () => one(texts), () => binary(40), () => binary(most)][below(4)]?.() ?? null;
  const start = one([0, -1, 1_700_000_000_000, 86_400_000, -(2 ** 40)]);
  return Array.from({ length: 1 + below(records) }, () => ({
    key: content(40),
    value: content(bytes),
    timestamp: start + one([0, 1, -1, 64, 8191, 2 ** 31, -(2 ** 31) - 1, 2 ** 41, -(2 ** 45), below(2 ** 30)]),
    ...(below(3) === 0 && {
      headers: Array.from({ length: below(4) }, () => [one(texts), content(200)] as const),
    }),
  }));
}

const bytesOf = (content: string | Uint8Array | null): string | null =>
  content === null ? null : Buffer.from(content as string).toString('latin1');

/** A record as plain values, whether it is one to write or one that was read. */
export const plainOf = ({ key, value, timestamp, headers = [] }: OutRecord) => ({
  key: bytesOf(key),
  value: bytesOf(value),
  timestamp,
  headers: headers.map(([name, content]) => [name, bytesOf(content)]),
});

/** What a view shows, as a record that could be written. */
export const recordOf = (view: RecordView): OutRecord => ({
  key: view.key,
  value: view.value,
  timestamp: view.timestamp,
  headers: view.headers(),
});
