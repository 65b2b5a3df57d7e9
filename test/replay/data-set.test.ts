import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataSet } from '../../src/replay/data-set.ts';
import { npyBytes } from '../support/npy-bytes.ts';

let folder: string;
const csv = `chan_id,spacecraft,anomaly_sequences,class,num_values
P-2,SMAP,"[[7, 9]]",[point],12
A-1,SMAP,"[[8, 9], [1, 2], [2, 4]]","[contextual, point, contextual]",12
P-2,SMAP,"[[5, 7]]",[contextual],12
`;
const rows = (count: number, columns: number, value = (row: number) => row) =>
  npyBytes(count, columns, value, { version: 1, type: '<f8', fortran: false });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-data-'));
  for (const split of ['train', 'test']) {
    mkdirSync(join(folder, 'telemanom', split), { recursive: true });
    for (const entity of ['A-1', 'P-2', 'T-10'])
      writeFileSync(join(folder, 'telemanom', split, `${entity}.npy`), rows(12, 2));
  }
  writeFileSync(join(folder, 'telemanom', 'labeled_anomalies.csv'), csv);
  mkdirSync(join(folder, 'tranad'));
  writeFileSync(join(folder, 'tranad', 'A-1_test.npy'), rows(6, 2));
  writeFileSync(join(folder, 'tranad', 'A-1_train.npy'), rows(9, 2));
  writeFileSync(
    join(folder, 'tranad', 'A-1_labels.npy'),
    rows(6, 2, (row) => (row === 3 ? 1 : 0)),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

async function labels(layout: string, entity: string, split: 'train' | 'test' = 'test') {
  const source = await openDataSet(join(folder, layout), split).entities.get(entity)?.();
  const [first, second] = [await source?.read(0, 4), await source?.read(4, 100)];
  await source?.close();
  return first?.labels === undefined || first.labels === null
    ? null
    : [...first.labels, ...(second?.labels ?? [])].map((kinds) => kinds.join('+'));
}

test("telemanom's labels: ends are part of it, spans are unsorted, lie over each other, and stand in two lines", async () => {
  expect(await labels('telemanom', 'A-1')).toEqual([
    '',
    'point',
    'point+contextual',
    'contextual',
    'contextual',
    '',
    '',
    '',
    'contextual',
    'contextual',
    '',
    '',
  ]);
  expect(await labels('telemanom', 'P-2')).toEqual([
    '',
    '',
    '',
    '',
    '',
    'contextual',
    'contextual',
    'contextual+point',
    'point',
    'point',
    '',
    '',
  ]);
});

test('of a channel without labels, and of training rows, nothing is known, which is not the same as quiet', async () => {
  expect(await labels('telemanom', 'T-10')).toBeNull();
  expect(await labels('telemanom', 'A-1', 'train')).toBeNull();
});

test("TranAD's layout: a row is labelled where any column of it is", async () => {
  expect(openDataSet(join(folder, 'tranad'), 'train').layout).toBe('TranAD');
  expect(await labels('tranad', 'A-1')).toEqual(['', '', '', 'anomaly', '', '']);
  expect(await labels('tranad', 'A-1', 'train')).toBeNull();
});

test('what cannot be read is named', () => {
  expect(() => openDataSet(join(folder, 'nowhere'), 'test')).toThrow(/there is no folder .*nowhere/);
  expect(() => openDataSet(folder, 'test')).toThrow(/looked for .*test\/ENTITY\.npy and .*ENTITY_test\.npy/);
  const bad = join(folder, 'bad');
  mkdirSync(join(bad, 'test'), { recursive: true });
  writeFileSync(join(bad, 'test', 'A-1.npy'), rows(1, 2));
  writeFileSync(join(bad, 'labeled_anomalies.csv'), 'chan_id,anomaly_sequences\nA-1,"[[1, x]]"\n');
  expect(() => openDataSet(bad, 'test')).toThrow(/labeled_anomalies\.csv: line 2: anomaly_sequences of A-1/);
  writeFileSync(join(bad, 'labeled_anomalies.csv'), 'channel\nA-1\n');
  expect(() => openDataSet(bad, 'test')).toThrow(/line 1: it must have the columns chan_id/);
  writeFileSync(join(bad, 'labeled_anomalies.csv'), 'chan_id,anomaly_sequences\n');
  writeFileSync(join(bad, 'test', 'A-1_x.npy'), rows(1, 2));
  expect(openDataSet(bad, 'test').entities.size).toBe(2);
});
