type Random = () => number;

/** JSON of every shape, mostly near to what is asked for, so that some of it gets far. */
export function hostileJson(random: Random): string {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const number = (): string => (random() < 0.9 ? `${Math.floor(random() * 100)}` : one(numbers));
  const list = (length: number): string => `[${Array.from({ length }, number).join(',')}]`;
  const kind = random();
  if (kind < 0.1) return one(values);
  if (kind < 0.15) return one([...large]);
  const data = random() < 0.8 ? list(one([0, 1, 7, 8, 9, 20, 512, 513, 4097])) : one(values);
  const config = `{"forecast_steps":${random() < 0.5 ? '5' : one([...numbers, ...values])}}`;
  const fields = [
    `"model_name":${random() < 0.8 ? '"lstm"' : one(names)}`,
    `"data":${data}`,
    ...(random() < 0.3 ? [`"config":${random() < 0.7 ? config : one(values)}`] : []),
    ...(random() < 0.15 ? [`${one(names)}:${one(values)}`] : []),
    ...(random() < 0.05 ? ['"model_name":"vae"', `"data":${list(3)}`] : []),
  ];
  if (random() < 0.1) fields.splice(Math.floor(random() * fields.length), 1);
  return `{${fields.join(random() < 0.98 ? ',' : one([',,', ' ', ';', ',\0']))}}`;
}

const numbers = [
  ...['1e999', '-1e999', '-0', '0', '1e-400', '5e-324', '1.7976931348623157e308', '9007199254740993', '1'.repeat(400)],
  ...['0.1e1', '1E+2', '01', '+1', '.5', '1.', '0x10', 'NaN', 'Infinity', '-', '"1"', 'null', 'true', '[1]', '{}'],
];
const names = [
  ...[
    '"vae"',
    '"none"',
    '""',
    '"__proto__"',
    '"constructor"',
    '"toString"',
    '"hasOwnProperty"',
    '"lstm\\u0000"',
    '"\\ud800"',
  ],
  ...['"LSTM"', '"data"', '"\\u005f_proto__"', `"${'n'.repeat(101)}"`, 'null', '1', '[]', '{}', '["lstm"]', "'lstm'"],
];
const values = [
  ...[
    'null',
    'true',
    '0',
    '""',
    '"x"',
    '[]',
    '{}',
    '[[]]',
    '[{}]',
    '[null]',
    '{"":{}}',
    '{"__proto__":{"x":1}}',
    'undefined',
  ],
  ...[
    '{"constructor":{"prototype":{"x":1}}}',
    '{"toJSON":1}',
    '{"length":1e9}',
    '[,]',
    '{"a":1,"a":2}',
    '/**/{}',
    '"\\x"',
  ],
  ...['"\ud83d\udef0\u0000"', '{', '[', '"', '', ' ', '\n', '[1,2', '{"a"', '"\\u12"', 'nul', '// {}'],
];
const deep = 20_000;
const large = [
  '['.repeat(deep) + ']'.repeat(deep),
  '['.repeat(3 * deep),
  `${'{"a":'.repeat(deep / 2)}1${'}'.repeat(deep / 2)}`,
  `[${'0,'.repeat(deep)}0]`,
  `{"model_name":"lstm","data":[${'"",'.repeat(deep)}0]}`,
  `{"model_name":"lstm","data":[${'1e5,'.repeat(4_095)}1]}`,
  `{${Array.from({ length: 5_000 }, (_, at) => `"k${at}":0`).join(',')}}`,
  `{"model_name":"${'m'.repeat(3 * deep)}","data":[1]}`,
  `{"model_name":"lstm","data":["${'s'.repeat(4 * deep)}"]}`,
  `"${'\\'.repeat(2 * deep)}"`,
];
