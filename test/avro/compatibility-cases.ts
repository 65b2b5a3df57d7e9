type Json = unknown;

const record = (fields: Json[], more: object = {}): Json => ({
  type: 'record',
  name: 'T',
  namespace: 'n',
  fields,
  ...more,
});
const one = (type: Json, more: object = {}): Json => record([{ name: 'a', type, ...more }]);
const enumOf = (symbols: string[], more: object = {}): Json => ({ type: 'enum', name: 'E', symbols, ...more });
const list = (value: string): Json => ({
  type: 'record',
  name: 'L',
  fields: [
    { name: 'v', type: value },
    { name: 'next', type: ['null', 'L'] },
  ],
});

export interface CompatibilityCase {
  readonly name: string;
  readonly writer: Json;
  readonly reader: Json;
  readonly readable: boolean;
}

const a = { name: 'a', type: 'int' };
const b = { name: 'b', type: 'int' };

const rows: [name: string, writer: Json, reader: Json, readable: boolean][] = [
  ['a field more, without default', record([a]), record([a, b]), false],
  ['a field more, with default', record([a]), record([a, { ...b, default: 0 }]), true],
  ['a field less', record([a, b]), record([a]), true],
  ['int -> long', one('int'), one('long'), true],
  ['int -> float', one('int'), one('float'), true],
  ['long -> float', one('long'), one('float'), true],
  ['float -> double', one('float'), one('double'), true],
  ['long -> int', one('long'), one('int'), false],
  ['double -> float', one('double'), one('float'), false],
  ['string -> bytes', one('string'), one('bytes'), true],
  ['bytes -> string', one('bytes'), one('string'), true],
  ['int -> union with int', one('int'), one(['null', 'int']), true],
  ['union with int -> int', one(['null', 'int']), one('int'), false],
  ['a union branch less', one(['null', 'int', 'string']), one(['null', 'int']), false],
  ['a union branch more', one(['null', 'int']), one(['null', 'int', 'string']), true],
  ['another order of branches', one(['null', 'int']), one(['int', 'null']), true],
  ['an enum symbol more', one(enumOf(['X'])), one(enumOf(['X', 'Y'])), true],
  ['an enum symbol less', one(enumOf(['X', 'Y'])), one(enumOf(['X'])), false],
  ['an enum symbol less, with enum default', one(enumOf(['X', 'Y'])), one(enumOf(['X'], { default: 'X' })), true],
  ['another fixed size', one({ type: 'fixed', name: 'F', size: 4 }), one({ type: 'fixed', name: 'F', size: 8 }), false],
  ['another record name', one('int'), record([a], { name: 'U' }), false],
  ['another record name, with alias', one('int'), record([a], { name: 'U', aliases: ['n.T'] }), true],
  ['another namespace', one('int'), record([a], { namespace: 'm' }), true],
  ['another field name, with alias', one('int'), record([{ ...b, aliases: ['a'] }]), true],
  ['array items promoted', one({ type: 'array', items: 'int' }), one({ type: 'array', items: 'double' }), true],
  ['array -> map', one({ type: 'array', items: 'int' }), one({ type: 'map', values: 'int' }), false],
  ['another doc', one('int', { doc: 'x' }), one('int', { doc: 'y' }), true],
  ['a logical type more', one('long'), one({ type: 'long', logicalType: 'timestamp-millis' }), true],
  [
    'another logical type',
    one({ type: 'long', logicalType: 'timestamp-millis' }),
    one({ type: 'long', logicalType: 'timestamp-micros' }),
    true,
  ],
  [
    'a field more in a nested record',
    one(record([{ name: 'x', type: 'int' }], { name: 'N' })),
    one(record([a, b], { name: 'N' })),
    false,
  ],
  ['a recursive record', list('int'), list('long'), true],
];

/** One case for each rule of Avro's schema resolution; avsc and a real registry agree on all but the namespace. */
export const compatibilityCases: readonly CompatibilityCase[] = rows.map(([name, writer, reader, readable]) => ({
  name,
  writer,
  reader,
  readable,
}));
