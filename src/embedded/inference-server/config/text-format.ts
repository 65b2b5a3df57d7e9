import { fieldOf, isMessage } from './field-table.ts';
import type { Field, Message } from '../../../kserve/message-types.ts';
import { readScalar, type Scalar } from './scalars.ts';
import { TextError, tokenize, type Token } from './tokens.ts';

export type Value = Scalar | Fields | readonly Value[];
export interface Fields {
  [name: string]: Value;
}

const closing: Readonly<Record<string, string>> = { '{': '}', '<': '>' };
const deepest = 100;

/** Reads protobuf's text format against the description of a message. What is unknown, repeated or of another type is refused with its place. */
export function readTextFormat(text: string, message: Message): Fields {
  const reader = { tokens: tokenize(text), at: 0, depth: 0 };
  const fields = readFields(reader, message, 'end');
  return fields;
}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
}

const end: Token = { kind: 'end', text: '', line: 0, column: 0 };
const peek = ({ tokens, at }: Reader): Token => tokens[at] ?? end;
const next = (reader: Reader): Token => reader.tokens[reader.at++] ?? end;
const isMark = ({ kind, text }: Token, ...marks: string[]): boolean => kind === 'mark' && marks.includes(text);
const shown = ({ kind, text }: Token): string => (kind === 'end' ? 'the end of the text' : JSON.stringify(text));

function taken(reader: Reader, ...marks: string[]): boolean {
  if (!isMark(peek(reader), ...marks)) return false;
  reader.at++;
  return true;
}

function readFields(reader: Reader, message: Message, until: string): Fields {
  const fields: Fields = {};
  const choices = new Map<string, string>();
  if (++reader.depth > deepest) throw new TextError(peek(reader), `messages within messages more than ${deepest} deep`);
  for (;;) {
    const token = next(reader);
    if (token.kind === 'end' ? until === 'end' : isMark(token, until)) break;
    if (token.kind !== 'name') {
      const wanted = until === 'end' ? 'a field' : `a field or ${JSON.stringify(until)}`;
      throw new TextError(token, `expected ${wanted}, found ${shown(token)}`);
    }
    const field = fieldOf(message, token.text);
    if (field === undefined) throw new TextError(token, `${message.name} has no field called ${token.text}`);
    if (field.choice !== undefined) {
      const other = choices.get(field.choice) ?? field.name;
      if (other !== field.name)
        throw new TextError(token, `${field.name} can't stand beside ${other}: one of ${field.choice} only`);
      choices.set(field.choice, field.name);
    }
    if (field.form === 'single' && Object.hasOwn(fields, field.name))
      throw new TextError(token, `${field.name} is there twice`);
    add(fields, field, readValues(reader, field));
    taken(reader, ',', ';');
  }
  reader.depth--;
  return fields;
}

function add(fields: Fields, { name, form }: Field, values: readonly Value[]): void {
  if (form === 'single') {
    const [value] = values;
    if (value !== undefined) fields[name] = value;
  } else if (form === 'repeated') {
    fields[name] = [...((fields[name] as readonly Value[] | undefined) ?? []), ...values];
  } else {
    const entries = (fields[name] ??= {}) as Fields;
    for (const entry of values as readonly Fields[]) entries[keyText(entry['key'])] = entry['value'] ?? '';
  }
}

const keyText = (key: Value | undefined): string => (typeof key === 'object' || key === undefined ? '' : String(key));

function readValues(reader: Reader, field: Field): readonly Value[] {
  const colon = taken(reader, ':');
  const one = (): Value => {
    if (field.form === 'map') return readEntry(reader, field);
    return isMessage(field.type) ? readMessage(reader, field.type) : readOne(reader, field);
  };
  const composite = field.form === 'map' || isMessage(field.type);
  if (!colon && !composite)
    throw new TextError(peek(reader), `expected ":" after ${field.name}, found ${shown(peek(reader))}`);
  if (field.form === 'single' || !isMark(peek(reader), '[')) return [one()];
  reader.at++;
  const values: Value[] = [];
  if (taken(reader, ']')) return values;
  do values.push(one());
  while (taken(reader, ','));
  if (!taken(reader, ']')) throw new TextError(peek(reader), `expected "," or "]", found ${shown(peek(reader))}`);
  return values;
}

function readMessage(reader: Reader, type: Message): Fields {
  const token = next(reader);
  if (!isMark(token, '{', '<')) throw new TextError(token, `expected "{" for ${type.name}, found ${shown(token)}`);
  return readFields(reader, type, closing[token.text] ?? '}');
}

/** An entry of a map is a message of a key and a value. */
function readEntry(reader: Reader, field: Field): Fields {
  const open = next(reader);
  if (!isMark(open, '{', '<'))
    throw new TextError(open, `expected "{" for an entry of ${field.name}, found ${shown(open)}`);
  const entry: Fields = {};
  while (!taken(reader, closing[open.text] ?? '}')) {
    const token = next(reader);
    const { text } = token;
    if (token.kind !== 'name' || (text !== 'key' && text !== 'value') || Object.hasOwn(entry, text))
      throw new TextError(token, `an entry of ${field.name} has one key and one value, found ${shown(token)}`);
    const type = text === 'key' ? (field.keyType ?? 'string') : field.type;
    const [value] = readValues(reader, { name: text, form: 'single', type });
    if (value !== undefined) entry[text] = value;
    taken(reader, ',', ';');
  }
  if (isMessage(field.type)) entry['value'] ??= {};
  return entry;
}

function readOne(reader: Reader, { name, type }: Field): Value {
  const place = peek(reader);
  const sign = taken(reader, '-') ? '-' : '';
  const token = next(reader);
  if (token.kind === 'mark' || token.kind === 'end')
    throw new TextError(token, `expected a value for ${name}, found ${shown(token)}`);
  let { text } = token;
  // Strings beside each other are one.
  if (token.kind === 'string') while (peek(reader).kind === 'string') text += next(reader).text;
  const value = isMessage(type) ? { expected: 'a message' } : readScalar(type, { kind: token.kind, text: sign + text });
  if (typeof value === 'object')
    throw new TextError(place, `${name} must be ${value.expected}, found ${sign}${shown(token)}`);
  return value;
}
