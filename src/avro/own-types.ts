import { basename } from 'node:path';
import type { Records, SchemaName } from '../contract/index.ts';
import type { Type } from './avsc.ts';
import { canonicalText } from './canonical-text.ts';
import { openReader, type Reader } from './reader.ts';
import { readSchemaFiles, schemaFolder } from './schema-files.ts';
import type { SchemaSource } from './schema-source.ts';
import { ownType } from './types.ts';
import { openWriter, type Writer } from './writer.ts';

const own = new Map<string, { readonly type: Type; readonly text: string }>();

function ownNamed(name: SchemaName) {
  if (own.size === 0) {
    for (const [file, schema] of readSchemaFiles(schemaFolder)) {
      own.set(basename(file, '.avsc'), { type: ownType(schema), text: canonicalText(schema) });
    }
  }
  const found = own.get(name);
  if (found === undefined) throw new TypeError(`schemas/ has no ${name}.avsc`);
  return found;
}

/** The type of one of downlink's own records. */
export const typeNamed = (name: SchemaName): Type => ownNamed(name).type;

/** Its schema in the form that registries keep: how the file is laid out makes no version. */
export const schemaText = (name: SchemaName): string => ownNamed(name).text;

export const readerOf = <N extends SchemaName>(source: SchemaSource, names: readonly N[]): Reader<Records[N]> =>
  openReader(source, names.map(typeNamed));

export const writerOf = <N extends SchemaName>(name: N, id: number): Writer<Records[N]> =>
  openWriter(typeNamed(name), id);
