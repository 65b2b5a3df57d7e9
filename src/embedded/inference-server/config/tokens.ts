/** A place in a text, counted from one. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export class TextError extends Error {
  constructor({ line, column }: Place, says: string) {
    super(`${line}:${column}: ${says}`);
    this.name = 'TextError';
  }
}

export interface Token extends Place {
  readonly kind: 'name' | 'number' | 'string' | 'mark' | 'end';
  /** Of a string: what it stands for. */
  readonly text: string;
}

const patterns = {
  name: /[A-Za-z_][A-Za-z0-9_]*/y,
  // Protobuf's numbers: hexadecimal, octal, decimal, and floating point with an f at its end.
  number: /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?/y,
  blank: /(?:[\s]|#[^\n]*)+/y,
};

const marks = '{}<>[]:,;-';

/** The words of protobuf's text format, from the first to the end of the text. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let [at, line, lineStart] = [0, 1, 0];
  const place = (): Place => ({ line, column: at - lineStart + 1 });
  const advance = (to: number): void => {
    for (; at < to; at++) {
      if (text[at] !== '\n') continue;
      line++;
      lineStart = at + 1;
    }
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };

  for (;;) {
    advance(at + (match(patterns.blank)?.length ?? 0));
    const here = place();
    const next = text[at];
    if (next === undefined) return [...tokens, { kind: 'end', text: '', ...here }];
    if (next === '"' || next === "'") {
      const { value, end } = readString(text, at, here);
      tokens.push({ kind: 'string', text: value, ...here });
      advance(end);
      continue;
    }
    const name = match(patterns.name);
    const number = name === undefined ? match(patterns.number) : undefined;
    const word = name ?? number;
    if (word !== undefined) {
      tokens.push({ kind: name === undefined ? 'number' : 'name', text: word, ...here });
      advance(at + word.length);
      if (name === undefined && /[A-Za-z0-9_.]/.test(text[at] ?? ''))
        throw new TextError(here, `${word}${text[at] ?? ''} is no number`);
    } else if (marks.includes(next)) {
      tokens.push({ kind: 'mark', text: next, ...here });
      advance(at + 1);
    } else {
      throw new TextError(here, `unexpected ${JSON.stringify(next)}`);
    }
  }
}

const single: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

/** Escapes stand for bytes, so that a character of several bytes may be written as several escapes. */
function readString(text: string, start: number, place: Place): { value: string; end: number } {
  const quote = text[start];
  const parts: Buffer[] = [];
  let at = start + 1;
  for (;;) {
    const next = text[at];
    if (next === undefined || next === '\n') throw new TextError(place, 'the string does not end on its line');
    if (next === quote) return { value: Buffer.concat(parts).toString('utf8'), end: at + 1 };
    if (next !== '\\') {
      const plain = /[^\\\n"']+|["']/y;
      plain.lastIndex = at;
      const run = plain.exec(text)?.[0] ?? next;
      parts.push(Buffer.from(run));
      at += run.length;
      continue;
    }
    const escape = /\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U(00[01][0-9a-fA-F]{5})|(.))/y;
    escape.lastIndex = at;
    const found = escape.exec(text);
    const [whole = '', octal, hex, short, long, letter = ''] = found ?? [];
    const code = short ?? long;
    if (octal !== undefined) parts.push(Buffer.from([parseInt(octal, 8) & 0xff]));
    else if (hex !== undefined) parts.push(Buffer.from([parseInt(hex, 16)]));
    else if (code !== undefined && parseInt(code, 16) <= 0x10ffff)
      parts.push(Buffer.from(String.fromCodePoint(parseInt(code, 16))));
    else if (Object.hasOwn(single, letter)) parts.push(Buffer.from(single[letter] ?? ''));
    else throw new TextError(place, `the string holds an unknown escape: ${whole || '\\'}`);
    at += whole.length;
  }
}
