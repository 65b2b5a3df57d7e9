import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSchemaFiles, schemaFolder } from '../../src/avro/schema-files.ts';
import { recordFiles } from '../../src/avro/typescript.ts';

const folder = join(import.meta.dirname, '..', '..', 'src', 'contract', 'records');

test('the committed record types are those that the schemas make', () => {
  const committed = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(recordFiles(readSchemaFiles(schemaFolder))));
});

type RecordSchema = Readonly<Record<'type' | 'name' | 'namespace' | 'doc', string>> & {
  readonly fields: readonly { readonly name: string; readonly doc?: string }[];
};

test.each([...readSchemaFiles(schemaFolder)])('%s is one documented record, named after its file', (file, text) => {
  const { type, name, namespace, doc, fields } = JSON.parse(text) as RecordSchema;
  const pascal = basename(file, '.avsc').replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
  expect([type, name, namespace]).toEqual(['record', pascal, 'downlink']);
  expect(doc).toMatch(/\.$/);
  for (const field of fields) expect(field.doc ?? `${field.name} has no doc`).toMatch(/\.$/);
});
