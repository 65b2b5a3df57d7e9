import { isArray, isObject, writeJson, type Json } from './json-text.ts';
import { parseWithNames } from './parse-schema.ts';
import {
  fullName,
  primitives,
  type Field,
  type Name,
  type NamedSchema,
  type Props,
  type Schema,
} from './schema-json.ts';

/**
 * The text that Java's `Schema.toString()` gives, which is what Confluent's registry compares and stores: white space and
 * the order of attributes make no other schema; a doc, an alias or a default does. Types that the references define stay
 * names. Throws `InvalidSchema` for what is no schema.
 */
export function canonicalText(schema: string, references: readonly string[] = []): string {
  return textOf(schema, references, asWritten);
}

/** What Confluent's `normalize=true` makes: the same, with properties and aliases in the order of their names. */
export function normalizedText(schema: string, references: readonly string[] = []): string {
  return textOf(schema, references, sorted);
}

interface Style {
  readonly props: (props: Props) => Props;
  readonly aliases: (aliases: readonly string[]) => readonly string[];
  readonly doc: (doc: string | undefined) => string | undefined;
}

const asWritten: Style = { props: (props) => props, aliases: (aliases) => aliases, doc: (doc) => doc };

const logical = ['logicalType', 'precision', 'scale'];
const rank = (key: string): string => (logical.includes(key) ? `0${logical.indexOf(key)}` : `1${key}`);

const sorted: Style = {
  props: (props) =>
    new Map([...props].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1)).map(([key, value]) => [key, sortKeys(value)])),
  aliases: (aliases) => [...aliases].sort(),
  doc: (doc) => (doc === '' ? undefined : doc),
};

function sortKeys(json: Json): Json {
  if (isArray(json)) return json.map(sortKeys);
  if (!isObject(json)) return json;
  return new Map([...json].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, sortKeys(value)]));
}

interface Writing extends Style {
  readonly space: string;
  /** Full names of the types that are written already, or known from a reference. */
  readonly written: Set<string>;
}

function textOf(schema: string, references: readonly string[], style: Style): string {
  const { schema: parsed, known } = parseWithNames(schema, references);
  return writeJson(toJson(parsed, { ...style, space: '', written: known }));
}

type Entry = readonly [string, Json];
const some = (key: string, value: Json | undefined): Entry[] => (value === undefined ? [] : [[key, value]]);
const unlessEmpty = (key: string, list: readonly Json[]): Entry[] => (list.length === 0 ? [] : [[key, list]]);

function toJson(schema: Schema, as: Writing): Json {
  switch (schema.type) {
    case 'union':
      return schema.branches.map((branch) => toJson(branch, as));
    case 'array':
      return new Map([...some('type', 'array'), ...some('items', toJson(schema.items, as)), ...as.props(schema.props)]);
    case 'map':
      return new Map([...some('type', 'map'), ...some('values', toJson(schema.values, as)), ...as.props(schema.props)]);
    case 'record':
    case 'error':
    case 'enum':
    case 'fixed':
      return namedJson(schema, as);
    default:
      return schema.props.size === 0 ? schema.type : new Map([...some('type', schema.type), ...as.props(schema.props)]);
  }
}

function namedJson(schema: NamedSchema, as: Writing): Json {
  const { name } = schema;
  if (as.written.has(fullName(name))) return relative(name, as.space);
  as.written.add(fullName(name));
  return new Map<string, Json>([
    ...some('type', schema.type),
    ...some('name', name.name),
    ...(name.space === as.space ? [] : some('namespace', name.space)),
    ...some('doc', as.doc(schema.doc)),
    ...body(schema, { ...as, space: name.space }),
    ...as.props(schema.props),
    ...unlessEmpty(
      'aliases',
      as.aliases(schema.aliases.map(fullName)).map((alias) => relative(nameOf(alias), name.space)),
    ),
  ]);
}

function body(schema: NamedSchema, as: Writing): Entry[] {
  switch (schema.type) {
    case 'fixed':
      return some('size', schema.size);
    case 'enum':
      return [...some('symbols', schema.symbols), ...some('default', schema.default)];
    default:
      return some(
        'fields',
        schema.fields.map((field) => fieldJson(field, as)),
      );
  }
}

function fieldJson(field: Field, as: Writing): Json {
  return new Map<string, Json>([
    ...some('name', field.name),
    ...some('type', toJson(field.type, as)),
    ...some('doc', field.doc),
    ...some('default', field.default),
    ...(field.order === 'ascending' ? [] : some('order', field.order)),
    ...unlessEmpty('aliases', as.aliases(field.aliases)),
    ...as.props(field.props),
  ]);
}

const nameOf = (full: string): Name => {
  const dot = full.lastIndexOf('.');
  return { space: full.slice(0, Math.max(dot, 0)), name: full.slice(dot + 1) };
};

/** A name as it is written inside a namespace; one that would be read as a primitive there is written in full. */
function relative(name: Name, space: string): string {
  const short = name.space === space && !(primitives as readonly string[]).includes(name.name);
  return short ? name.name : fullName(name);
}
