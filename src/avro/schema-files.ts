import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SchemaJson } from './typescript.ts';

/** The folder of record schemas that comes with downlink: beside src/ in a clone, beside dist/ in the package. */
export const schemaFolder = join(import.meta.dirname, '..', '..', 'schemas');

/** The record schemas of a folder, by file name, in the order of their names. */
export function readSchemaFiles(folder: string): ReadonlyMap<string, SchemaJson> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.avsc'));
  return new Map(
    files.sort().map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as SchemaJson]),
  );
}
