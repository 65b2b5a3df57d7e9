import { expect, test } from '@jest/globals';
import { longestNumber, writeFloat32 } from '../../src/sinks/victoria/float32-text.ts';
import { seeded, seedOfRun } from '../support/random.ts';

const out = Buffer.alloc(2 * longestNumber);
const textOf = (number: number): string => out.toString('latin1', 3, writeFloat32(number, out, 3));

test.each([
  [0, '0'],
  [-0, '0'],
  [1, '1'],
  [-1, '-1'],
  [10, '10'],
  [999_999_936, '999999936'],
  [0.5, '0.5'],
  [-0.1, '-0.1'],
  [0.25, '0.25'],
  [123.456, '123.456'],
  [0.001, '0.001'],
  [0.0625, '0.0625'],
  [16_777_216, '16777216'],
  [1.5e-7, '0.00000015'],
  [1.5e-10, '15e-11'],
  [8_388_607.5, '8388607.5'],
  [3.4028234663852886e38, '3.4028234663852886e+38'],
  [1.401298464324817e-45, '1.401298464324817e-45'],
])('%p is written as %s', (number, text) => {
  expect(textOf(Math.fround(number))).toBe(text);
});

test('any float32 is read back as itself, and no text is longer than was said', () => {
  const random = seeded(seedOfRun());
  const bits = new Uint32Array(200_000).map(() => Math.floor(random() * 2 ** 32));
  const wrong = [...new Float32Array(bits.buffer)].filter((number) => {
    if (!Number.isFinite(number)) return false;
    const text = textOf(number);
    return Math.fround(JSON.parse(text) as number) !== number || text.length > longestNumber;
  });
  expect(wrong).toEqual([]);
});

test('numbers as sensors have them take no more digits than they need', () => {
  const random = seeded(seedOfRun());
  const numbers = Array.from({ length: 20_000 }, () => Math.fround(4 * random() - 2));
  const shortest = (number: number): number => {
    for (let digits = 1; ; digits++) {
      const text = String(Number(number.toPrecision(digits)));
      if (Math.fround(Number(text)) === number) return text.length;
    }
  };
  const lengths = (measure: (number: number) => number) => numbers.reduce((sum, number) => sum + measure(number), 0);
  expect(lengths((number) => textOf(number).length)).toBeLessThan(1.03 * lengths(shortest));
});
