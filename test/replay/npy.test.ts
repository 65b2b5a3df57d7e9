import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNpy } from '../../src/replay/npy.ts';
import { npyBytes, type NpyForm } from '../support/npy-bytes.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-npy-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const [rows, columns] = [7, 3];
const value = (row: number, column: number) => row * 10 + column + 0.5;
const file = (bytes: Uint8Array): string => {
  const path = join(folder, 'table.npy');
  writeFileSync(path, bytes);
  return path;
};

const types = ['<f4', '<f8', '>f4', '>f8'] as const;
const forms: readonly NpyForm[] = ([1, 2, 3] as const).flatMap((version) =>
  types.flatMap((type) => [false, true].map((fortran) => ({ version, type, fortran }))),
);

test.each(forms)('version $version, $type, Fortran order $fortran: in any pieces', async (form) => {
  const table = await openNpy(file(npyBytes(rows, columns, value, form)));
  expect([table.rows, table.columns]).toEqual([rows, columns]);
  const pieces = [await table.read(0, 2), await table.read(2, 1), await table.read(3, 100), await table.read(7, 5)];
  await table.close();
  expect(pieces.flatMap((piece) => [...piece])).toEqual(
    Array.from({ length: rows * columns }, (_, at) => value(Math.floor(at / columns), at % columns)),
  );
});

test('a single column has no second dimension, truth values are numbers', async () => {
  const table = await openNpy(
    file(npyBytes(4, undefined, (row) => row % 2, { version: 1, type: '|b1', fortran: false })),
  );
  expect([table.columns, [...(await table.read(0, 4))]]).toEqual([1, [0, 1, 0, 1]]);
  await table.close();
});

const good = npyBytes(rows, columns, value, { version: 1, type: '<f8', fortran: false });
const edited = (from: string, to: string) =>
  Buffer.from(Buffer.from(good).toString('latin1').replace(from, to), 'latin1');
test.each([
  ['cut short', good.subarray(0, good.length - 1), /296 bytes|cut short/],
  ['of another format', Buffer.from('chan_id,spacecraft,anomaly_sequences'), /no \.npy file/],
  ['empty', Buffer.alloc(0), /no \.npy file/],
  ['of a version to come', edited('NUMPY\x01', 'NUMPY\x09'), /version 9/],
  ['of objects', edited("'<f8'", "'|O' "), /type '\|O'/],
  ['of three dimensions', edited('(7, 3)', '(7,3,1'.padEnd(6, ')')), /shape|dimensions/],
])('a file that is %s is refused, and named', async (_, bytes, why) => {
  const path = file(bytes);
  await expect(openNpy(path)).rejects.toMatchObject({ code: 'telemetry-unusable', detail: expect.stringMatching(why) });
  await expect(openNpy(path)).rejects.toThrow(path);
});
