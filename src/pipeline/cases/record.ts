import { schemaText } from '../../avro/own-types.ts';
import type { Written } from '../../config/written.ts';
import type { SchemaName } from '../../contract/index.ts';
import { readColumn } from './column.ts';

type Avro = string | AvroComplex | readonly Avro[];
interface AvroComplex {
  readonly type: Avro;
  readonly logicalType?: string;
  readonly items?: Avro;
  readonly size?: number;
}
interface AvroField {
  readonly name: string;
  readonly type: Avro;
  readonly default?: unknown;
}

export interface RecordForm {
  readonly schema: SchemaName;
  /** Of the entity that the record is of, where the fleet has it. */
  readonly sensors: readonly string[] | undefined;
  /** What fields are where they are not written. */
  readonly usual: Readonly<Record<string, unknown>>;
  /** Whether a field without a default may be left out: of what is expected only a part is named. */
  readonly partial: boolean;
}

interface Near {
  readonly samples: number | undefined;
  readonly sensors: readonly string[] | undefined;
  readonly field: string;
}

/** These hold a value a sensor for each sample; all other columns hold one a sample. */
const perSensor = ['values', 'normalised', 'reconstruction'];

const fieldsOf = (schema: SchemaName) => (JSON.parse(schemaText(schema)) as { readonly fields: AvroField[] }).fields;

/** A record as its schema says, with columns as the stages have them. */
export function readRecord(written: Written, form: RecordForm): Readonly<Record<string, unknown>> | undefined {
  const fields = fieldsOf(form.schema);
  const given = written.fields(fields.map(({ name }) => name));
  // A key that is unknown may be the misspelling of one that is missing, and was reported.
  const misspelled = written.entries().size > Object.keys(given).length;
  const isColumnar = fields.some(({ name }) => name === 'timestamps');
  const record: Record<string, unknown> = {};
  for (const { name, type, default: absent } of fields) {
    const own = given[name];
    if (own !== undefined) {
      // Schemas name the times before what is measured; a record without a list of them is one sample.
      const times = record['timestamps'] as readonly unknown[] | undefined;
      const samples = isColumnar ? times?.length : 1;
      record[name] = readType(own, type, { samples, sensors: form.sensors, field: name });
    } else if (!form.partial) {
      record[name] = form.usual[name] ?? absent;
      if (record[name] === undefined && !misspelled) written.wrong(`${name} is missing`, `write \`${name}:\` here`);
    }
  }
  const isWhole = fields.every(({ name }) => record[name] !== undefined || (form.partial && given[name] === undefined));
  return isWhole ? record : undefined;
}

function readType(written: Written, type: Avro, near: Near): unknown {
  if (isUnion(type)) return readUnion(written, type, near);
  if (typeof type === 'string') return readPrimitive(written, type);
  if (type.logicalType === 'timestamp-millis') return written.time();
  if (type.logicalType === 'float32-column') {
    const numbers = readList(written, 'float', near);
    return numbers && Float32Array.from(numbers as readonly number[]);
  }
  if (type.type === 'array' && type.items !== undefined) return readList(written, type.items, near);
  if (type.type === 'fixed') return readHex(written, type.size);
  return readType(written, type.type, near);
}

const isUnion = (type: Avro): type is readonly Avro[] => Array.isArray(type);

function readUnion(written: Written, types: readonly Avro[], near: Near): unknown {
  if (written.kind === 'nothing' && types.includes('null')) return null;
  const other = types.find((type) => type !== 'null') ?? 'null';
  return readType(written, other, near);
}

function readPrimitive(written: Written, type: string): unknown {
  switch (type) {
    case 'string':
      return written.text();
    case 'int':
      return written.integer(-(2 ** 31), 2 ** 31 - 1);
    case 'long':
      return written.integer();
    case 'float':
    case 'double':
      if (typeof written.value !== 'number') return written.wrong('must be a number', 'write one, or .nan, or .inf');
      return type === 'float' ? Math.fround(written.value) : written.value;
    case 'boolean':
      return typeof written.value === 'boolean' ? written.value : written.wrong('must be true or false', 'write one');
    case 'bytes':
      return readHex(written);
    default:
      return written.wrong(`${type} cannot be written in a cases file`, 'leave it out');
  }
}

function readList(written: Written, items: Avro, { samples, sensors, field }: Near): readonly unknown[] | undefined {
  const wide = perSensor.includes(field);
  const isTime = typeof items === 'object' && 'logicalType' in items && items.logicalType === 'timestamp-millis';
  const counts = isTime || items === 'long' || items === 'int' || items === 'float' || items === 'double';
  return readColumn(written, {
    item: (one) => readType(one, items, { samples: undefined, sensors: undefined, field }),
    ...(counts ? { step: (one: Written) => (isTime ? one.duration() : numberIn(one)) } : {}),
    each: wide ? sensors?.length : 1,
    // Whoever writes the times in short has to say how many there are.
    samples: field === 'timestamps' ? undefined : samples,
    sensors: wide ? (sensors ?? []) : [],
  });
}

const numberIn = (written: Written): number | undefined =>
  typeof written.value === 'number' ? written.value : written.wrong('must be a number', 'write one');

/** Bytes, two digits each, with or without spaces between them. */
export function readHex(written: Written, size?: number): Buffer | undefined {
  const digits = written.letters.replace(/\s/g, '');
  if (written.kind === 'list' || written.kind === 'mapping' || !/^([\da-f]{2})*$/i.test(digits))
    return written.wrong('must be bytes', 'write two hexadecimal digits for each, like 00ff');
  if (size !== undefined && digits.length !== 2 * size)
    return written.wrong(`${digits.length / 2} bytes where there are ${size}`, `write ${size} bytes`);
  return Buffer.from(digits, 'hex');
}
