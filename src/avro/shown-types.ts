import { Type, types } from './avsc.ts';
import { shortestFloat32 } from './shortest-float32.ts';

/** How avsc is to build types. */
export type TypeOptions = NonNullable<Parameters<typeof Type.forSchema>[1]>;
type Schema = Parameters<typeof Type.forSchema>[0];

/**
 * How the types of foreign schemas are built where a person is to look at the values: columns are lists of numbers, times
 * are Dates, float32 numbers have no more digits than they need, and integers beyond 2^53, at which avsc fails, are bigints.
 */
export const shownTypes: TypeOptions = {
  logicalTypes: { 'float32-column': shownAs(numbersIn), 'timestamp-millis': shownAs(timeOf) },
  typeHook: (schema, options) => {
    const plain = plainTypeOf(schema);
    if (plain === 'long') return shownLong;
    if (plain === 'float') return new ShownFloat({ type: 'float', logicalType: 'shown' });
    const bare = withoutDefaults(schema);
    return bare === undefined ? undefined : Type.forSchema(bare, options);
  },
};

/**
 * Nothing is missing from a value as it was written, so defaults are for nothing; and in unions avsc refuses many of them
 * where a branch has a type of another's making.
 */
function withoutDefaults(schema: Schema): Schema | undefined {
  if (typeof schema !== 'object' || !('fields' in schema) || !Array.isArray(schema.fields)) return undefined;
  const fields = schema.fields as readonly (object & { readonly default?: unknown })[];
  if (fields.every((field) => field.default === undefined)) return undefined;
  return { ...schema, fields: fields.map((field) => ({ ...field, default: undefined })) } as Schema;
}

/** avsc asks for the other directions only to write a value or to resolve it, and these are looked at. */
function shownAs<T>(look: (value: T) => unknown) {
  return class extends types.LogicalType {
    protected override _fromValue(value: T | undefined): unknown {
      // avsc reads on behind the end of the bytes, and only then looks where it is.
      return value === undefined ? undefined : look(value);
    }
  };
}

function numbersIn(bytes: Buffer): readonly number[] {
  if (bytes.length % 4 !== 0) throw new Error(`a float32 column of ${bytes.length} bytes`);
  return Array.from({ length: bytes.length / 4 }, (_, at) => shortestFloat32(bytes.readFloatLE(4 * at)));
}

/** What no calendar has stays a number. */
function timeOf(ms: number): Date | number {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? ms : time;
}

const ShownFloat = shownAs(shortestFloat32);

const shownLong = types.LongType.__with({
  fromBuffer: (bytes: Buffer) => {
    const whole = bytes.readBigInt64LE();
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
  },
  toBuffer: onlyLooked,
  fromJSON: onlyLooked,
  toJSON: onlyLooked,
  isValid: onlyLooked,
  compare: onlyLooked,
});

function onlyLooked(): never {
  throw new TypeError('values that are looked at are not written');
}

/** The name of a type that stands for itself, without a logical type over it. */
function plainTypeOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || !('type' in schema)) return schema;
  return 'logicalType' in schema ? undefined : schema.type;
}
