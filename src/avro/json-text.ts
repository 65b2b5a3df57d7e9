/**
 * JSON as Java's Jackson sees it. `JSON.parse` would round a default of 9223372036854775807 and print 1.0 as 1, and the
 * registry would then hand out another schema than the one that was registered.
 */
export interface JsonNumber {
  readonly number: string;
}

export type JsonObject = ReadonlyMap<string, Json>;
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;

export const isObject = (json: Json | undefined): json is JsonObject => json instanceof Map;
export const isNumber = (json: Json | undefined): json is JsonNumber =>
  typeof json === 'object' && json !== null && 'number' in json;
export const isArray = (json: Json | undefined): json is readonly Json[] => Array.isArray(json);
export const isInteger = (json: Json | undefined): json is JsonNumber => isNumber(json) && !/[.eE]/.test(json.number);

/** Nothing in a schema needs more, and a deeper text would end in a stack overflow. */
const deepest = 500;

const token =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\.)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;

export function readJson(text: string): Json {
  let at = 0;

  const fail = (what: string): never => {
    throw new SyntaxError(`${what} at character ${at + 1}`);
  };

  function next(): RegExpExecArray {
    token.lastIndex = at;
    const found = token.exec(text) ?? fail(/^\s*$/.test(text.slice(at)) ? 'the text ends too early' : 'not JSON');
    at = token.lastIndex;
    return found;
  }

  function members(close: string, member: (first: RegExpExecArray) => void): void {
    let found = next();
    if (found[1] === close) return;
    for (;;) {
      member(found);
      const after = next()[1];
      if (after === close) return;
      if (after !== ',') fail(`expected , or ${close}`);
      found = next();
    }
  }

  function value(found: RegExpExecArray, depth: number): Json {
    if (depth > deepest) fail(`more than ${deepest} levels`);
    const [, mark, string, number, word] = found;
    if (string !== undefined) return JSON.parse(string) as string;
    if (number !== undefined) return { number };
    if (word !== undefined) return JSON.parse(word) as boolean | null;
    if (mark === '[') {
      const list: Json[] = [];
      members(']', (first) => list.push(value(first, depth + 1)));
      return list;
    }
    if (mark !== '{') fail(`unexpected ${mark ?? 'text'}`);
    const object = new Map<string, Json>();
    members('}', (first) => {
      const key = first[2] ?? fail('expected a name in quotes');
      if (next()[1] !== ':') fail('expected :');
      object.set(JSON.parse(key) as string, value(next(), depth + 1));
    });
    return object;
  }

  const json = value(next(), 0);
  if (text.slice(at).trim() !== '') fail('dangling content after the end');
  return json;
}

export function writeJson(json: Json): string {
  if (json === null || typeof json === 'boolean') return String(json);
  if (typeof json === 'string') return JSON.stringify(json);
  if (isNumber(json)) return /[.eE]/.test(json.number) ? javaDouble(Number(json.number)) : String(BigInt(json.number));
  if (isArray(json)) return `[${json.map(writeJson).join(',')}]`;
  return `{${Array.from(json, ([key, value]) => `${JSON.stringify(key)}:${writeJson(value)}`).join(',')}}`;
}

/** `Double.toString`: 1.0, 1.0E10, 1.0E-4. */
function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`;
}
