export type CellType =
  'text' | 'integer' | 'bigint' | 'real' | 'double' | 'flag' | 'time' | 'bytes' | 'doubles' | 'texts';

interface Kind {
  /** Casts the text. */
  readonly sql: (text: string) => string;
  readonly text: (value: never) => string;
}

/** The years that PostgreSQL, JavaScript and whoever reads dates all know. */
const [firstTime, lastTime] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T00:00:00Z')];

/** PostgreSQL has no texts with U+0000 in them. */
const clean = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text);

const quoted = (text: string): string => `"${clean(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const cast = (type: string) => (text: string) => `${text}::${type}`;

/** Every value travels as a text, so that a statement is the same for any number of rows, and lists may be of any lengths. */
const kinds: Readonly<Record<CellType, Kind>> = {
  text: { sql: cast('text'), text: clean },
  integer: { sql: cast('integer'), text: String },
  bigint: { sql: cast('bigint'), text: String },
  real: { sql: cast('real'), text: String },
  double: { sql: cast('double precision'), text: String },
  flag: { sql: cast('boolean'), text: String },
  time: { sql: (text) => `to_timestamp(${text}::double precision / 1000)`, text: (ms: number) => String(timeOf(ms)) },
  bytes: { sql: cast('bytea'), text: (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString('hex')}` },
  doubles: { sql: cast('double precision[]'), text: (list: readonly number[]) => `{${list.join(',')}}` },
  texts: { sql: cast('text[]'), text: (list: readonly string[]) => `{${list.map(quoted).join(',')}}` },
};

export const sqlOf = (type: CellType, text: string): string => kinds[type].sql(text);

export const textOf = (type: CellType, value: unknown): string | null =>
  value === null || value === undefined ? null : kinds[type].text(value as never);

/** A record may come with any number as its time: the nearest that is one. */
export const timeOf = (ms: number): number => Math.min(lastTime, Math.max(firstTime, Math.trunc(ms)));
