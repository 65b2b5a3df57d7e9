import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DownlinkError } from '../errors.ts';
import { labeledAnomalies, labelsOf } from './labels.ts';
import { openNpy } from './npy.ts';
import type { Source } from './source.ts';

export type Split = 'train' | 'test';

/** The entities of a folder, each opened when it is asked for. */
export interface DataSet {
  readonly layout: 'telemanom' | 'TranAD';
  readonly entities: ReadonlyMap<string, () => Promise<Source>>;
}

/**
 * A data set as telemanom has it (`train/A-1.npy`, `test/A-1.npy`, `labeled_anomalies.csv`), or as TranAD prepares it
 * (`A-1_train.npy`, `A-1_test.npy`, `A-1_labels.npy`).
 */
export function openDataSet(folder: string, split: Split): DataSet {
  if (!existsSync(folder)) throw new DownlinkError('telemetry-unusable', `there is no folder ${folder}`);
  const inSplit = filesIn(join(folder, split), /^(.+)\.npy$/);
  if (inSplit.size > 0) return telemanom(folder, split, inSplit);
  const prepared = filesIn(folder, split === 'train' ? /^(.+)_train\.npy$/ : /^(.+)_test\.npy$/);
  if (prepared.size > 0) return tranad(folder, split, prepared);
  const looked = `${join(folder, split)}/ENTITY.npy and ${join(folder, `ENTITY_${split}.npy`)}`;
  throw new DownlinkError('telemetry-unusable', `there is no telemetry in ${folder}; looked for ${looked}`);
}

function filesIn(folder: string, pattern: RegExp): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    const entity = pattern.exec(name)?.[1];
    if (entity !== undefined) found.set(entity, join(folder, name));
  }
  return found;
}

function telemanom(folder: string, split: Split, files: ReadonlyMap<string, string>): DataSet {
  const labels = join(folder, 'labeled_anomalies.csv');
  // Labels are of the test rows; training data are taken to be quiet, which nobody has checked.
  const isLabelled = split === 'test' && existsSync(labels);
  const spans = isLabelled ? labeledAnomalies(labels, readFileSync(labels, 'utf8')) : new Map<string, never>();
  const open = (entity: string, file: string) => async (): Promise<Source> => {
    const table = await openNpy(file);
    const own = spans.get(entity);
    const read: Source['read'] = async (from, count) => {
      const values = await table.read(from, count);
      return { values, labels: own === undefined ? null : labelsOf(own, from, values.length / table.columns) };
    };
    return { from: file, ...table, read };
  };
  return { layout: 'telemanom', entities: new Map([...files].map(([entity, file]) => [entity, open(entity, file)])) };
}

function tranad(folder: string, split: Split, files: ReadonlyMap<string, string>): DataSet {
  const open = (entity: string, file: string) => async (): Promise<Source> => {
    const table = await openNpy(file);
    const labels = join(folder, `${entity}_labels.npy`);
    const marks = split === 'test' && existsSync(labels) ? await openNpy(labels) : undefined;
    if (marks !== undefined && marks.rows !== table.rows)
      throw new DownlinkError('telemetry-unusable', `${labels}: ${marks.rows} rows, where ${file} has ${table.rows}`);
    const read: Source['read'] = async (from, count) => {
      const values = await table.read(from, count);
      const marked = await marks?.read(from, count);
      return { values, labels: marked === undefined ? null : rowsMarked(marked, marks?.columns ?? 1) };
    };
    const close = async (): Promise<void> => {
      await Promise.all([table.close(), marks?.close()]);
    };
    return { from: file, ...table, read, close };
  };
  return { layout: 'TranAD', entities: new Map([...files].map(([entity, file]) => [entity, open(entity, file)])) };
}

/** A row is part of an anomaly where any of its columns is marked. */
const rowsMarked = (marks: Float32Array, columns: number): readonly (readonly string[])[] =>
  Array.from({ length: marks.length / columns }, (_, row) =>
    marks.subarray(row * columns, (row + 1) * columns).some((mark) => mark > 0) ? ['anomaly'] : [],
  );
