import { isLevel } from '../../avro/check-compatibility.ts';
import type { SchemaLogEntry, SchemaLogKey, SchemaReference, StoredSchema } from '../../contract/schema-log.ts';
import { isMode } from './state.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An entry as it lies in a file. What does not fit is thrown as an error that says what. */
export function readEntry(json: unknown): SchemaLogEntry {
  const entry = fields(json, 'the line');
  const key = readKey(fields(entry['key'], 'key'));
  const value = entry['value'];
  if (value === null) return { key, value };
  if (value === undefined) throw new Error('there is no value');
  return { key, value: readValue(key, fields(value, 'value')) };
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
    case 'CONFIG': {
      const compatibilityLevel = text(value, 'compatibilityLevel');
      if (!isLevel(compatibilityLevel)) throw new Error(`unknown level ${compatibilityLevel}`);
      return { subject: key.subject, compatibilityLevel };
    }
    case 'MODE': {
      const mode = text(value, 'mode');
      if (!isMode(mode)) throw new Error(`unknown mode ${mode}`);
      return { subject: key.subject, mode };
    }
    case 'DELETE_SUBJECT':
      return { subject: key.subject, version: count(value, 'version') };
    case 'NOOP':
      return null;
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
