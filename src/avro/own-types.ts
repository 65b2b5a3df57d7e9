import { basename } from 'node:path';
import type { Records, SchemaName } from '../contract/index.ts';
import type { Type } from './avsc.ts';
import { openReader, type Reader } from './reader.ts';
import { readSchemaFiles, schemaFolder } from './schema-files.ts';
import type { SchemaSource } from './schema-source.ts';
import { ownType } from './types.ts';
import { openWriter, type Writer } from './writer.ts';

const types = new Map<string, Type>();

/** The type of one of downlink's own records. */
export function typeNamed(name: SchemaName): Type {
  if (types.size === 0) {
    for (const [file, schema] of readSchemaFiles(schemaFolder)) types.set(basename(file, '.avsc'), ownType(schema));
  }
  const type = types.get(name);
  if (type === undefined) throw new TypeError(`schemas/ has no ${name}.avsc`);
  return type;
}

export const readerOf = <N extends SchemaName>(source: SchemaSource, names: readonly N[]): Reader<Records[N]> =>
  openReader(source, names.map(typeNamed));

export const writerOf = <N extends SchemaName>(name: N, id: number): Writer<Records[N]> => openWriter(typeNamed(name), id);
