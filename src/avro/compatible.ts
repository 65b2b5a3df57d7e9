import {
  fullName,
  type EnumSchema,
  type Field,
  type NamedSchema,
  type RecordSchema,
  type Schema,
} from './schema-json.ts';

export type ErrorType =
  | 'NAME_MISMATCH'
  | 'FIXED_SIZE_MISMATCH'
  | 'MISSING_ENUM_SYMBOLS'
  | 'READER_FIELD_MISSING_DEFAULT_VALUE'
  | 'TYPE_MISMATCH'
  | 'MISSING_UNION_BRANCH';

/** One reason why what the writer wrote cannot be read, in the words of Confluent's registry. */
export interface Incompatibility {
  readonly errorType: ErrorType;
  /** In the reader's schema, as Java prints it: `/fields/1`, and `/` for the whole. */
  readonly path: string;
  readonly description: string;
  readonly additionalInfo: string;
}

export type Age = 'new' | 'old';

/**
 * Empty: the reader can read all that the writer may have written. The rules are those of Java's `SchemaCompatibility`
 * (Avro 1.12): records, enums and fixed types match by their unqualified names. Logical types take no part.
 */
export function compatible(reader: Schema, writer: Schema, readerIs: Age = 'new'): Incompatibility[] {
  const memo = new Map<Schema, Map<Schema, readonly Found[]>>();
  const writerIs = readerIs === 'new' ? 'old' : 'new';
  return check(reader, writer, [], memo).map(({ errorType, steps, info }) => {
    const path = `/${steps.join('/')}`;
    return { errorType, path, description: describe[errorType](path, info, readerIs, writerIs), additionalInfo: info };
  });
}

type Describe = (path: string, info: string, reader: Age, writer: Age) => string;

const describe: Readonly<Record<ErrorType, Describe>> = {
  NAME_MISMATCH: (path) => `The name of the schema has changed (path '${path}')`,
  FIXED_SIZE_MISMATCH: (path, _, reader, writer) =>
    `The size of FIXED type field at path '${path}' in the ${reader} schema does not match with the ${writer} schema`,
  MISSING_ENUM_SYMBOLS: (path, info, reader, writer) =>
    `The ${reader} schema is missing enum symbols '${info}' at path '${path}' in the ${writer} schema`,
  READER_FIELD_MISSING_DEFAULT_VALUE: (path, info, reader, writer) =>
    `The field '${info}' at path '${path}' in the ${reader} schema has no default value and is missing in the ${writer} schema`,
  TYPE_MISMATCH: (path, _, reader, writer) =>
    `The type (path '${path}') of a field in the ${reader} schema does not match with the ${writer} schema`,
  MISSING_UNION_BRANCH: (path, _, reader, writer) =>
    `The ${reader} schema is missing a type inside a union field at path '${path}' in the ${writer} schema`,
};

type Steps = readonly (string | number)[];
type Memo = Map<Schema, Map<Schema, readonly Found[]>>;

interface Found {
  readonly errorType: ErrorType;
  readonly steps: Steps;
  readonly info: string;
}

function check(reader: Schema, writer: Schema, steps: Steps, memo: Memo): readonly Found[] {
  const known = memo.get(reader)?.get(writer);
  if (known !== undefined) return known;
  const ofReader = memo.get(reader) ?? new Map<Schema, readonly Found[]>();
  memo.set(reader, ofReader);
  // A pair that comes back while it is looked at is right unless something else in it is wrong: recursion ends here.
  ofReader.set(writer, []);
  const found = compare(reader, writer, steps, memo);
  ofReader.set(writer, found);
  return found;
}

const promotions: Readonly<Partial<Record<Schema['type'], readonly Schema['type'][]>>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
};

function compare(reader: Schema, writer: Schema, steps: Steps, memo: Memo): readonly Found[] {
  if (writer.type === 'union') {
    // What a branch lacks is told of the union as a whole where the reader is one too, and by itself where it is not.
    return writer.branches.flatMap((branch, index) => {
      const found = check(reader, branch, steps, memo);
      return reader.type === 'union' && found.length > 0 ? [missingBranch(branch, [...steps, index])] : found;
    });
  }
  if (reader.type === 'union') {
    const readable = reader.branches.some((branch) => check(branch, writer, steps, memo).length === 0);
    return readable ? [] : [missingBranch(writer, steps)];
  }
  if (reader.type === 'array' && writer.type === 'array')
    return check(reader.items, writer.items, [...steps, 'items'], memo);
  if (reader.type === 'map' && writer.type === 'map')
    return check(reader.values, writer.values, [...steps, 'values'], memo);
  if (reader.type === 'fixed' && writer.type === 'fixed')
    return [...names(reader, writer, steps), ...sizes(reader.size.number, writer.size.number, steps)];
  if (reader.type === 'enum' && writer.type === 'enum')
    return [...names(reader, writer, steps), ...symbols(reader, writer, steps)];
  if (isRecord(reader) && isRecord(writer))
    return [
      ...names(reader, writer, steps),
      ...reader.fields.flatMap((field, index) => fieldOf(field, writer, [...steps, 'fields', index], memo)),
    ];
  if (reader.type === writer.type || promotions[reader.type]?.includes(writer.type) === true) return [];
  const info = `reader type: ${upper(reader)} not compatible with writer type: ${upper(writer)}`;
  return [{ errorType: 'TYPE_MISMATCH', steps, info }];
}

const isRecord = (schema: Schema): schema is RecordSchema => schema.type === 'record' || schema.type === 'error';
const upper = (schema: Schema): string => (schema.type === 'error' ? 'RECORD' : schema.type.toUpperCase());

function missingBranch(writer: Schema, steps: Steps): Found {
  return { errorType: 'MISSING_UNION_BRANCH', steps, info: `reader union lacking writer type: ${upper(writer)}` };
}

function names(reader: NamedSchema, writer: NamedSchema, steps: Steps): readonly Found[] {
  const wanted = fullName(writer.name);
  if (reader.name.name === writer.name.name || reader.aliases.some((alias) => fullName(alias) === wanted)) return [];
  return [{ errorType: 'NAME_MISMATCH', steps: [...steps, 'name'], info: `expected: ${wanted}` }];
}

function sizes(reader: string, writer: string, steps: Steps): readonly Found[] {
  if (reader === writer) return [];
  const info = `expected: ${writer}, found: ${reader}`;
  return [{ errorType: 'FIXED_SIZE_MISMATCH', steps: [...steps, 'size'], info }];
}

function symbols(reader: EnumSchema, writer: EnumSchema, steps: Steps): readonly Found[] {
  const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol)).sort();
  if (missing.length === 0 || reader.default !== undefined) return [];
  return [{ errorType: 'MISSING_ENUM_SYMBOLS', steps: [...steps, 'symbols'], info: `[${missing.join(', ')}]` }];
}

function fieldOf(field: Field, writer: RecordSchema, steps: Steps, memo: Memo): readonly Found[] {
  const [match, second] = [field.name, ...field.aliases].flatMap(
    (name) => writer.fields.find((candidate) => candidate.name === name) ?? [],
  );
  if (match !== undefined && second !== undefined) {
    // Java throws here, which its registry turns into "incompatible"; it has no error type for it.
    const info = `Reader record field ${field.name} matches multiple fields in writer record schema`;
    return [{ errorType: 'NAME_MISMATCH', steps, info }];
  }
  if (match !== undefined) return check(field.type, match.type, [...steps, 'type'], memo);
  if (field.default !== undefined) return [];
  return [{ errorType: 'READER_FIELD_MISSING_DEFAULT_VALUE', steps, info: field.name }];
}
