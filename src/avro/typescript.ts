import { basename } from 'node:path';

/** The part of Avro's schema language that the types of records are made from. */
export type SchemaJson = string | readonly SchemaJson[] | NamedOrNested;
interface NamedOrNested {
  readonly type: string | SchemaJson;
  readonly name?: string;
  readonly doc?: string;
  readonly logicalType?: string;
  readonly fields?: readonly Field[];
  readonly items?: SchemaJson;
  readonly values?: SchemaJson;
  readonly symbols?: readonly string[];
}
interface Field {
  readonly name: string;
  readonly type: SchemaJson;
  readonly doc?: string;
}

const primitives: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Uint8Array',
  fixed: 'Uint8Array',
};

function typeOf(schema: SchemaJson): string {
  if (typeof schema === 'string') return primitives[schema] ?? localName(schema);
  if (isUnion(schema)) return schema.map(typeOf).join(' | ');
  if (schema.logicalType === 'float32-column') return 'Float32Array';
  if (schema.symbols) return schema.symbols.map((symbol) => `'${symbol}'`).join(' | ');
  if (schema.items !== undefined) return `readonly ${bracketed(typeOf(schema.items))}[]`;
  if (schema.values !== undefined) return `Readonly<Record<string, ${typeOf(schema.values)}>>`;
  if (schema.fields) return `{ ${schema.fields.map(member).join('; ')} }`;
  return typeOf(schema.type);
}

const isUnion = (schema: SchemaJson): schema is readonly SchemaJson[] => Array.isArray(schema);
const bracketed = (type: string) => (/[ |]/.test(type) ? `(${type})` : type);
const localName = (name: string) => name.split('.').at(-1) ?? name;
const member = (field: Field) => `readonly ${field.name}: ${typeOf(field.type)}`;
const comment = (indent: string, text: string | undefined) => (text === undefined ? '' : `${indent}/** ${text} */\n`);

/** A TypeScript interface for one record schema, its docs as comments. */
export function interfaceOf(schema: SchemaJson): string {
  if (typeof schema === 'string' || isUnion(schema) || !schema.fields || schema.name === undefined) {
    throw new TypeError('only a record has an interface');
  }
  const members = schema.fields.map((field) => `${comment('  ', field.doc)}  ${member(field)};\n`);
  return `${comment('', schema.doc)}export interface ${schema.name} {\n${members.join('')}}\n`;
}

const notice = (from: string) => `// Generated from ${from} by \`npm run generate\`; do not edit.\n\n`;

/** Every file of a folder of record types: one interface a schema, and `schemas.ts`, which names them all. */
export function recordFiles(schemas: ReadonlyMap<string, SchemaJson>): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const imports: string[] = [];
  const members: string[] = [];
  for (const [file, schema] of schemas) {
    const name = basename(file, '.avsc');
    const type = (schema as NamedOrNested).name ?? '';
    files.set(`${name}.ts`, notice(`schemas/${name}.avsc`) + interfaceOf(schema));
    imports.push(`import type { ${type} } from './${name}.ts';\n`);
    members.push(`  readonly ${/^\w+$/.test(name) ? name : `'${name}'`}: ${type};\n`);
  }
  const table = `/** Every record schema by the name of its file in schemas/. */\nexport interface Records {\n${members.join('')}}\n`;
  const names = '\nexport type SchemaName = keyof Records;\n';
  files.set('schemas.ts', `${notice('schemas/')}${imports.join('')}\n${table}${names}`);
  return files;
}
