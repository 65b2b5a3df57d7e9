import { fieldOf, isMessage } from './field-table.ts';
import type { Field, Message } from '../../../kserve/message-types.ts';
import { readScalar, type Written } from './scalars.ts';
import type { Fields, Value } from './text-format.ts';

/** A configuration as JSON, as clients send it with a load: field names as in the text format, or in camel case. */
export function readJsonFormat(text: string, message: Message): Fields {
  const parsed: unknown = JSON.parse(text);
  return readObject(parsed, message, '');
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function readObject(value: unknown, message: Message, path: string): Fields {
  if (!isObject(value)) throw new Error(`${path || 'the configuration'} must be an object`);
  const fields: Fields = {};
  for (const [name, given] of Object.entries(value)) {
    const field = fieldOf(message, name) ?? fieldOf(message, snake(name));
    const here = path === '' ? name : `${path}.${name}`;
    if (field === undefined) throw new Error(`${here}: ${message.name} has no such field`);
    if (given === null) continue;
    fields[field.name] = readField(given, field, here);
  }
  return fields;
}

function readField(given: unknown, field: Field, path: string): Value {
  const one = (value: unknown, here: string): Value =>
    isMessage(field.type) ? readObject(value, field.type, here) : readOne(value, field.type, here);
  if (field.form === 'repeated') {
    if (!Array.isArray(given)) throw new Error(`${path} must be a list`);
    return given.map((value, index) => one(value, `${path}[${index}]`));
  }
  if (field.form === 'single') return one(given, path);
  if (!isObject(given)) throw new Error(`${path} must be an object`);
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, one(value, `${path}.${key}`)]));
}

function readOne(value: unknown, type: Exclude<Field['type'], Message>, path: string): Value {
  const read = readScalar(type, written(value, type));
  if (typeof read === 'object') throw new Error(`${path} must be ${read.expected}`);
  return read;
}

/** JSON writes numbers of 64 bits and the names of enumerations as strings. */
function written(value: unknown, type: Exclude<Field['type'], Message>): Written {
  if (typeof value === 'number') return { kind: 'number', text: String(value) };
  if (typeof value === 'boolean') return { kind: 'name', text: String(value) };
  const text = typeof value === 'string' ? value : '';
  if (type === 'string') return { kind: typeof value === 'string' ? 'string' : 'name', text };
  return { kind: /^-?[\d.]/.test(text) ? 'number' : 'name', text };
}
