import { fitsDefault } from './fits-default.ts';
import { isArray, isInteger, isObject, readJson, type Json, type JsonObject } from './json-text.ts';
import {
  fullName,
  isNamed,
  isPrimitiveName,
  primitives,
  type Field,
  type Name,
  type NamedSchema,
  type Props,
  type RecordSchema,
  type Schema,
  type SortOrder,
} from './schema-json.ts';

/** The text is no Avro schema; the message names the place as a JSON pointer. */
export class InvalidSchema extends Error {
  constructor(what: string, place: string) {
    super(place === '' ? what : `${what} (at ${place})`);
    this.name = 'InvalidSchema';
  }
}

/** What Java Avro reads itself; anything else is a property. */
const ofSchema = ['doc', 'fields', 'items', 'name', 'namespace', 'size', 'symbols', 'values', 'type', 'aliases'];
const ofEnum = [...ofSchema, 'default'];
const ofField = ['default', 'doc', 'name', 'order', 'type', 'aliases'];

const word = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

/** What is known on the way: the named types that were seen, by full name, and the place that is being read. */
interface Here {
  readonly names: Map<string, NamedSchema>;
  readonly space: string;
  readonly place: string;
}

const at = (here: Here, ...steps: (string | number)[]): Here => ({ ...here, place: [here.place, ...steps].join('/') });
const fail = (here: Here, what: string): never => {
  throw new InvalidSchema(what, here.place);
};

/** `references`: the texts of the schemas that define the names this one uses, each after those that it needs itself. */
export function parseSchema(text: string, references: readonly string[] = []): Schema {
  return parseWithNames(text, references).schema;
}

/** `known`: the full names that the references define. */
export function parseWithNames(text: string, references: readonly string[]): { schema: Schema; known: Set<string> } {
  const names = new Map<string, NamedSchema>();
  for (const reference of references) parseText(reference, names);
  const known = new Set(names.keys());
  return { schema: parseText(text, names), known };
}

function parseText(text: string, names: Map<string, NamedSchema>): Schema {
  if (text.trim() === '') throw new InvalidSchema('Empty schema', '');
  let json: Json;
  try {
    json = readJson(text);
  } catch (error) {
    throw new InvalidSchema(error instanceof Error ? error.message : String(error), '');
  }
  return parse(json, { names, space: '', place: '' });
}

function parse(json: Json, here: Here): Schema {
  if (typeof json === 'string') return named(json, here);
  if (isArray(json)) return union(json, here);
  if (!isObject(json)) return fail(here, 'A schema is a name, an object or an array');
  const type = json.get('type');
  if (typeof type !== 'string') return fail(here, 'No type');
  if (isPrimitiveName(type)) return { type, props: rest(json, ofSchema) };
  switch (type) {
    case 'array':
      return { type, items: part(json, 'items', 'Array has no items type', here), props: rest(json, ofSchema) };
    case 'map':
      return { type, values: part(json, 'values', 'Map has no values type', here), props: rest(json, ofSchema) };
    case 'record':
    case 'error':
      return record(json, type, here);
    case 'enum': {
      const inside = heading(json, here);
      const symbols = enumSymbols(json, here);
      const value = optionalText(json, 'default');
      if (value !== undefined && !symbols.includes(value))
        fail(here, `The Enum Default: ${value} is not in the enum symbol set: [${symbols.join(', ')}]`);
      return define({ ...inside, type, symbols, default: value, props: rest(json, ofEnum) }, here);
    }
    case 'fixed': {
      const inside = heading(json, here);
      const size = json.get('size');
      if (!isInteger(size) || !(Number(size.number) >= 0 && Number(size.number) < 2 ** 31))
        return fail(at(here, 'size'), 'Invalid or no size');
      return define({ ...inside, type, size, props: rest(json, ofSchema) }, here);
    }
    default:
      return named(type, here);
  }
}

function part(json: JsonObject, key: string, missing: string, here: Here): Schema {
  const inner = json.get(key);
  return inner === undefined ? fail(here, missing) : parse(inner, at(here, key));
}

function named(text: string, here: Here): Schema {
  if (isPrimitiveName(text)) return { type: text, props: new Map() };
  const found = here.names.get(fullName(qualified(text, here.space))) ?? here.names.get(text);
  return found ?? fail(here, `Undefined name: "${text}"`);
}

function union(json: readonly Json[], here: Here): Schema {
  const seen = new Set<string>();
  const branches = json.map((inner, index) => {
    const place = at(here, index);
    const branch = parse(inner, place);
    if (branch.type === 'union') return fail(place, 'Nested union');
    const name = isNamed(branch) ? fullName(branch.name) : branch.type;
    if (seen.has(name)) fail(place, `Duplicate in union:${name}`);
    seen.add(name);
    return branch;
  });
  return { type: 'union', branches };
}

function record(json: JsonObject, type: RecordSchema['type'], here: Here): Schema {
  const fields: Field[] = [];
  // The record is known before its fields are, because they may hold it.
  const whole = define({ ...heading(json, here), type, fields, props: rest(json, ofSchema) }, here);
  const list = json.get('fields');
  if (!isArray(list)) return fail(here, 'Record has no fields');
  for (const [index, item] of list.entries()) {
    const place = at({ ...here, space: whole.name.space }, 'fields', index);
    const next = field(item, place);
    if (fields.some(({ name }) => name === next.name))
      fail(place, `Duplicate field ${next.name} in record ${fullName(whole.name)}`);
    fields.push(next);
  }
  // Only now: a default may hold the whole record.
  for (const [index, { name, type: of, default: value }] of fields.entries())
    if (value !== undefined && !fitsDefault(of, value))
      fail(at(here, 'fields', index, 'default'), `Invalid default for field ${name}`);
  return whole;
}

const orders: readonly string[] = ['ascending', 'descending', 'ignore'] satisfies SortOrder[];
const isOrder = (text: string): text is SortOrder => orders.includes(text);

function field(json: Json, here: Here): Field {
  if (!isObject(json)) return fail(here, 'A field is an object');
  const name = json.get('name');
  if (typeof name !== 'string') return fail(here, 'No field name');
  checkWord(name, here);
  const type = part(json, 'type', 'No field type', here);
  const order = (optionalText(json, 'order') ?? 'ascending').toLowerCase();
  if (!isOrder(order)) return fail(at(here, 'order'), `Unknown order: ${order}`);
  const value = json.get('default');
  return {
    name,
    type,
    doc: optionalText(json, 'doc'),
    default: value,
    order,
    aliases: [...new Set(texts(json, 'aliases', here))],
    props: rest(json, ofField),
  };
}

function heading(json: JsonObject, here: Here): Pick<NamedSchema, 'name' | 'aliases' | 'doc'> {
  const text = json.get('name');
  if (typeof text !== 'string') return fail(here, 'No name in schema');
  const name = qualified(text, optionalText(json, 'namespace') ?? here.space);
  checkName(name, here);
  if (name.space === '' && (primitives as readonly string[]).includes(name.name))
    fail(here, `Schemas may not be named after primitives: ${name.name}`);
  const aliases = new Map<string, Name>();
  for (const alias of texts(json, 'aliases', here)) {
    const full = qualified(alias, name.space);
    checkName(full, at(here, 'aliases'));
    aliases.set(fullName(full), full);
  }
  return { name, aliases: [...aliases.values()], doc: optionalText(json, 'doc') };
}

function define<S extends NamedSchema>(schema: S, here: Here): S {
  const name = fullName(schema.name);
  if (here.names.has(name)) fail(here, `Can't redefine: ${name}`);
  here.names.set(name, schema);
  return schema;
}

function enumSymbols(json: JsonObject, here: Here): string[] {
  if (!isArray(json.get('symbols'))) fail(here, 'Enum has no symbols');
  const symbols = texts(json, 'symbols', here);
  for (const [index, symbol] of symbols.entries()) {
    checkWord(symbol, at(here, 'symbols', index));
    if (symbols.indexOf(symbol) < index) fail(at(here, 'symbols', index), `Duplicate enum symbol: ${symbol}`);
  }
  return symbols;
}

function texts(json: JsonObject, key: string, here: Here): string[] {
  const list = json.get(key) ?? [];
  if (!isArray(list)) return fail(here, `${key} not an array`);
  return list.map((item, index) => (typeof item === 'string' ? item : fail(at(here, key, index), 'Not a string')));
}

function qualified(text: string, space: string): Name {
  const dot = text.lastIndexOf('.');
  return dot < 0 ? { space, name: text } : { space: text.slice(0, dot), name: text.slice(dot + 1) };
}

function checkName(name: Name, here: Here): void {
  checkWord(name.name, here);
  if (name.space !== '') for (const piece of name.space.split('.')) checkWord(piece, here);
}

function checkWord(text: string, here: Here): void {
  if (text === '') fail(here, 'Empty name');
  if (!word.test(text)) fail(here, `Illegal character in: ${text}`);
}

/** Java takes a doc, a namespace or an order that is no text for absent. */
function optionalText(json: JsonObject, key: string): string | undefined {
  const value = json.get(key);
  return typeof value === 'string' ? value : undefined;
}

const rest = (json: JsonObject, known: readonly string[]): Props =>
  new Map([...json].filter(([key]) => !known.includes(key)));
