import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of record schemas that comes with downlink: beside src/ in a clone, beside dist/ in the package. */
export const schemaFolder = join(import.meta.dirname, '..', '..', 'schemas');

/** The texts of the record schemas of a folder, by file name, in the order of their names. */
export function readSchemaFiles(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.avsc'));
  return new Map(files.sort().map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}
