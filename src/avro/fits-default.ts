import { isArray, isInteger, isNumber, isObject, type Json } from './json-text.ts';
import type { Schema } from './schema-json.ts';

/**
 * Whether a field of this type can have this default. Of a union the first branch counts, as the specification had it
 * until 1.11 and as avsc, with which downlink decodes, still has it; Java's Avro takes any branch since 1.12.
 */
export function fitsDefault(schema: Schema, value: Json): boolean {
  switch (schema.type) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return isInteger(value) && BigInt.asIntN(32, BigInt(value.number)) === BigInt(value.number);
    case 'long':
      return isInteger(value) && BigInt.asIntN(64, BigInt(value.number)) === BigInt(value.number);
    case 'float':
    case 'double':
      return isNumber(value);
    case 'string':
    case 'bytes':
    case 'enum':
    case 'fixed':
      // Java looks neither at an enum's symbols nor at a fixed's size here.
      return typeof value === 'string';
    case 'array':
      return isArray(value) && value.every((item) => fitsDefault(schema.items, item));
    case 'map':
      return isObject(value) && [...value.values()].every((item) => fitsDefault(schema.values, item));
    case 'union': {
      const [first] = schema.branches;
      return first !== undefined && fitsDefault(first, value);
    }
    case 'record':
    case 'error':
      return (
        isObject(value) &&
        schema.fields.every((field) => {
          const inner = value.get(field.name) ?? (value.has(field.name) ? null : field.default);
          return inner !== undefined && fitsDefault(field.type, inner);
        })
      );
  }
}
