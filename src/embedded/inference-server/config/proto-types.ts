/** The types of a `.proto` text, as far as messages, enumerations, choices and maps go. */

export interface Field {
  readonly name: string;
  readonly form: 'single' | 'repeated' | 'map';
  /** Of one value: a message, an enumeration, or a scalar by its name in the protocol. */
  readonly type: Message | Enumeration | string;
  /** Of a map's entries. */
  readonly keyType?: string;
  /** The choice that it belongs to: only one of its fields may be there. */
  readonly choice?: string;
}

export class Message {
  readonly name: string;
  readonly fields = new Map<string, Field>();

  constructor(name: string) {
    this.name = name;
  }
}

export class Enumeration {
  readonly numbers = new Map<string, number>();
}

interface Scope {
  readonly types: Map<string, Message | Enumeration>;
  readonly outer: Scope | undefined;
}

interface Words {
  readonly words: readonly string[];
  at: number;
}

const scalars = new Set(['bool', 'int32', 'uint32', 'int64', 'uint64', 'float', 'double', 'string']);

const next = (from: Words): string => from.words[from.at++] ?? '';

function expect(from: Words, word: string): void {
  const found = next(from);
  if (found !== word) throw new Error(`expected ${word}, found ${found}`);
}

/** Types may be used before they are described, so they are looked up once all are known. */
export function readProto(text: string): ReadonlyMap<string, Message | Enumeration> {
  const from: Words = { words: text.match(/"[^"]*"|[\w.]+|[{}<>=;,]/g) ?? [], at: 0 };
  const scope: Scope = { types: new Map(), outer: undefined };
  const later: (() => void)[] = [];
  while (from.at < from.words.length) {
    const word = next(from);
    if (word === 'message' || word === 'enum') readType(from, word, scope, later);
    else while (next(from) !== ';');
  }
  for (const resolve of later) resolve();
  return scope.types;
}

function readType(from: Words, kind: 'message' | 'enum', scope: Scope, later: (() => void)[]): void {
  const name = next(from);
  expect(from, '{');
  if (kind === 'message') {
    const message = new Message(name);
    scope.types.set(name, message);
    readFields(from, message, { types: new Map(), outer: scope }, later, undefined);
    return;
  }
  const enumeration = new Enumeration();
  scope.types.set(name, enumeration);
  for (let word = next(from); word !== '}'; word = next(from)) {
    expect(from, '=');
    enumeration.numbers.set(word, Number(next(from)));
    expect(from, ';');
  }
}

function readFields(
  from: Words,
  message: Message,
  scope: Scope,
  later: (() => void)[],
  choice: string | undefined,
): void {
  for (let word = next(from); word !== '}'; word = next(from)) {
    if (word === 'message' || word === 'enum') {
      readType(from, word, scope, later);
    } else if (word === 'oneof') {
      const called = next(from);
      expect(from, '{');
      readFields(from, message, scope, later, called);
    } else {
      const map = word === 'map' ? mapTypes(from) : undefined;
      const type = map?.value ?? (word === 'repeated' ? next(from) : word);
      const name = next(from);
      from.at += 2;
      expect(from, ';');
      const form = map === undefined ? (word === 'repeated' ? 'repeated' : 'single') : 'map';
      const more = { ...(map === undefined ? {} : { keyType: map.key }), ...(choice === undefined ? {} : { choice }) };
      // Its place in the order is kept until its type is known.
      message.fields.set(name, { name, form, type, ...more });
      later.push(() => message.fields.set(name, { name, form, type: typeIn(scope, type), ...more }));
    }
  }
}

function mapTypes(from: Words): { readonly key: string; readonly value: string } {
  expect(from, '<');
  const key = next(from);
  expect(from, ',');
  const value = next(from);
  expect(from, '>');
  return { key, value };
}

function typeIn(scope: Scope, name: string): Field['type'] {
  if (scalars.has(name)) return name;
  for (let here: Scope | undefined = scope; here !== undefined; here = here.outer) {
    const found = here.types.get(name);
    if (found !== undefined) return found;
  }
  throw new Error(`no type is called ${name}`);
}
