import { basename } from 'node:path';
import { parseSchema } from './parse-schema.ts';
import type { Field, PrimitiveName, RecordSchema, Schema } from './schema-json.ts';

const primitives: Readonly<Record<PrimitiveName, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Uint8Array',
};

/** `records`: those met on the way, which become interfaces of their own. */
function typeOf(schema: Schema, records: Set<RecordSchema>): string {
  switch (schema.type) {
    case 'union':
      return schema.branches.map((branch) => typeOf(branch, records)).join(' | ');
    case 'array': {
      const item = typeOf(schema.items, records);
      return `readonly ${/[ |]/.test(item) ? `(${item})` : item}[]`;
    }
    case 'map':
      return `Readonly<Record<string, ${typeOf(schema.values, records)}>>`;
    case 'enum':
      return schema.symbols.map((symbol) => `'${symbol}'`).join(' | ');
    case 'fixed':
      return 'Buffer';
    case 'record':
    case 'error':
      records.add(schema);
      return schema.name.name;
    default:
      return schema.props.get('logicalType') === 'float32-column' ? 'Float32Array' : primitives[schema.type];
  }
}

const comment = (indent: string, doc: string | undefined) =>
  doc === undefined ? '' : `${indent}/** ${doc.replaceAll('*/', '* /')} */\n`;

function interfaceOf(record: RecordSchema, records: Set<RecordSchema>): string {
  const member = ({ name, type, doc }: Field) => `${comment('  ', doc)}  readonly ${name}: ${typeOf(type, records)};\n`;
  return `${comment('', record.doc)}export interface ${record.name.name} {\n${record.fields.map(member).join('')}}\n`;
}

/** TypeScript for a record schema and the records in it, docs as comments. */
export function interfacesOf(record: RecordSchema): string {
  const records = new Set([record]);
  // A set grows while it is walked: records in records are reached, too, and each only once.
  return Array.from(records, (found) => interfaceOf(found, records)).join('\n');
}

const notice = (from: string) => `// Generated from ${from} by \`npm run generate\`; do not edit.\n\n`;

/** Every file of a folder of record types: one a schema, and `schemas.ts`, which names them all. */
export function recordFiles(schemas: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const imports: string[] = [];
  const members: string[] = [];
  for (const [file, text] of schemas) {
    const schema = parseSchema(text);
    if (schema.type !== 'record') throw new TypeError(`${file} holds no record`);
    const name = basename(file, '.avsc');
    const type = schema.name.name;
    files.set(`${name}.ts`, notice(`schemas/${name}.avsc`) + interfacesOf(schema));
    imports.push(`import type { ${type} } from './${name}.ts';\n`);
    members.push(`  readonly ${/^\w+$/.test(name) ? name : `'${name}'`}: ${type};\n`);
  }
  const table = `/** Every record schema by the name of its file in schemas/. */\nexport interface Records {\n${members.join('')}}\n`;
  const names = '\nexport type SchemaName = keyof Records;\n';
  files.set('schemas.ts', `${notice('schemas/')}${imports.join('')}\n${table}${names}`);
  return files;
}
