import type { SchemaLogEntry, SchemaLogKey, SchemaReference, StoredSchema } from './schema-log.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An entry as it lies in the log. What does not fit is thrown as an error that says what. */
export function readEntry(keyJson: unknown, valueJson: unknown): SchemaLogEntry {
  const key = readKey(fields(keyJson, 'the key'));
  return { key, value: valueJson === null ? null : readValue(key, fields(valueJson, 'the value')) };
}

function readKey(key: Fields): SchemaLogKey {
  const { keytype } = key;
  switch (keytype) {
    case 'SCHEMA':
      return { keytype, subject: text(key, 'subject'), version: count(key, 'version'), magic: 1 };
    case 'CONFIG':
    case 'MODE':
      return { keytype, subject: key['subject'] === null ? null : text(key, 'subject'), magic: 0 };
    case 'DELETE_SUBJECT':
      return { keytype, subject: text(key, 'subject'), magic: 0 };
    case 'NOOP':
      return { keytype, magic: 0 };
    default:
      throw new Error(`unknown keytype ${JSON.stringify(keytype)}`);
  }
}

function readValue(key: SchemaLogKey, value: Fields): SchemaLogEntry['value'] {
  switch (key.keytype) {
    case 'SCHEMA':
      return readSchema(key, value);
    case 'CONFIG':
      return { subject: key.subject, compatibilityLevel: text(value, 'compatibilityLevel') };
    case 'MODE':
      return { subject: key.subject, mode: text(value, 'mode') };
    case 'DELETE_SUBJECT':
      return { subject: key.subject, version: count(value, 'version') };
    case 'NOOP':
      return value['highestId'] === undefined ? null : { highestId: count(value, 'highestId') };
  }
}

function readSchema({ subject, version }: { subject: string; version: number }, value: Fields): StoredSchema {
  if (value['subject'] !== subject || value['version'] !== version) throw new Error('key and value differ');
  if (typeof value['deleted'] !== 'boolean') throw new Error('deleted is neither true nor false');
  const list = value['references'];
  if (list !== undefined && !Array.isArray(list)) throw new Error('references is no list');
  const references = list?.map((item): SchemaReference => {
    const reference = fields(item, 'a reference');
    return { name: text(reference, 'name'), subject: text(reference, 'subject'), version: count(reference, 'version') };
  });
  const { deleted } = value;
  const stored = { subject, version, id: count(value, 'id'), schema: text(value, 'schema'), deleted };
  return references === undefined ? stored : { ...stored, references };
}

function fields(json: unknown, what: string): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error(`${what} is no object`);
  return json as Fields;
}

function text(from: Fields, name: string): string {
  const value = from[name];
  if (typeof value !== 'string') throw new Error(`${name} is no text`);
  return value;
}

function count(from: Fields, name: string): number {
  const value = from[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw new Error(`${name} is no whole number`);
  return value;
}
