import type { Row, TableName } from '../../contract/index.ts';
import { textOf, type CellType } from './cells.ts';
import { tables } from './tables.ts';

/** Rows of one table as its statement wants them. */
export interface Columns {
  readonly table: TableName;
  readonly count: number;
  readonly bytes: number;
  readonly lists: readonly (readonly (string | null)[])[];
}

/** Rows by table, each once. A job is written before what takes it back, as the tables are listed. */
export function columnsOf(rows: readonly Row[]): readonly Columns[] {
  const byTable = new Map<TableName, Map<string, readonly (string | null)[]>>();
  for (const { table, columns } of rows) {
    const values = columns as Readonly<Record<string, unknown>>;
    const texts = new Map(typesOf(table).map(([name, type]) => [name, textOf(type, values[name])]));
    const key = JSON.stringify(tables[table].identity.map((name) => texts.get(name)));
    const known = byTable.get(table) ?? new Map<string, readonly (string | null)[]>();
    byTable.set(table, known);
    if (tables[table].keeps === 'last' || !known.has(key)) known.set(key, [...texts.values()]);
  }
  return (Object.keys(tables) as TableName[]).flatMap((table) => {
    const found = [...(byTable.get(table)?.values() ?? [])];
    return found.length === 0 ? [] : [listsOf(table, found)];
  });
}

function listsOf(table: TableName, rows: readonly (readonly (string | null)[])[]): Columns {
  const lists = typesOf(table).map((_, at) => rows.map((row) => row[at] ?? null));
  const bytes = lists.flat().reduce((sum, text) => sum + (text?.length ?? 0), 0);
  return { table, count: rows.length, bytes, lists };
}

const typesOf = (table: TableName): readonly (readonly [string, CellType])[] =>
  Object.entries(tables[table].columns as Readonly<Record<string, CellType>>);
