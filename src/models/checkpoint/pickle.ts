import { refused } from '../refused.ts';

/** What a pickle may hold. Tuples and lists are both arrays; what a name stands for is the caller's. */
export type Value = null | boolean | number | bigint | string | Value[] | Map<Value, Value> | Named;

/** What the caller made of a name, of a call or of a persistent id. */
export interface Named {
  readonly is: string;
}

/** What the names in a pickle stand for. A name that is not here is refused, so nothing but this is ever called. */
export interface Meanings {
  readonly named: (name: string) => ((args: readonly Value[]) => Value) | Named | undefined;
  readonly persistent: (id: Value) => Value;
}

interface Callable extends Named {
  readonly call: (args: readonly Value[]) => Value;
}

const longestText = 1 << 20;
const mark = Symbol('mark');

/**
 * Reads one pickle, and says where it ends. The opcodes are those that `torch.save` writes for tensors, numbers, texts,
 * lists and dictionaries (protocols 2 to 4); all others are refused. Work and memory are bounded by the bytes: no opcode
 * copies what is on the stack, and none leads back.
 */
export function readPickle(bytes: Uint8Array, meanings: Meanings, start = 0): { value: Value; end: number } {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: (Value | typeof mark)[] = [];
  const memo = new Map<number, Value>();
  let at = start;

  const damaged = (what: string): Error => refused(`the pickle is damaged at byte ${at}: ${what}`);
  const take = (count: number): number => {
    if (at + count > source.length) throw damaged('it is cut short');
    at += count;
    return at - count;
  };
  const text = (length: number): string => {
    if (length > longestText) throw damaged(`a text of ${length} bytes`);
    const from = take(length);
    return source.toString('utf8', from, from + length);
  };
  const line = (): string => {
    const end = source.indexOf(0x0a, at);
    if (end < 0 || end - at > longestText) throw damaged('a line without end');
    const from = take(end - at + 1);
    return source.toString('utf8', from, end);
  };
  const pop = (): Value => {
    const top = stack.pop();
    if (top === undefined || top === mark) throw damaged('something is missing on the stack');
    return top;
  };
  const top = (): Value => {
    const last = stack.at(-1);
    if (last === undefined || last === mark) throw damaged('something is missing on the stack');
    return last;
  };
  const toMark = (): Value[] => {
    const from = stack.lastIndexOf(mark);
    if (from < 0) throw damaged('no mark on the stack');
    const items = stack.splice(from) as Value[];
    return items.slice(1);
  };
  const several = (count: number): Value[] => Array.from({ length: count }, pop).reverse();
  const append = (items: readonly Value[]): void => {
    const list = top();
    if (!Array.isArray(list)) throw damaged('something is appended that is no list');
    for (const item of items) list.push(item);
  };
  const setItems = (items: readonly Value[]): void => {
    const dictionary = top();
    if (!(dictionary instanceof Map) || items.length % 2 !== 0) throw damaged('items of what is no dictionary');
    for (let index = 0; index < items.length; index += 2) {
      dictionary.set(items[index] ?? null, items[index + 1] ?? null);
    }
  };
  const recall = (slot: number): void => {
    const value = memo.get(slot);
    if (value === undefined) throw damaged(`nothing was kept as ${slot}`);
    stack.push(value);
  };
  const name = (module: Value, item: Value, where: number): void => {
    if (typeof module !== 'string' || typeof item !== 'string') throw damaged('a name that is no text');
    const full = `${module}.${item}`;
    const found = meanings.named(full);
    if (found === undefined) throw refused(`refused: the pickle names ${printable(full)} at byte ${where}`);
    const callable = (call: Callable['call']): Callable => ({ is: full, call });
    stack.push(typeof found === 'function' ? callable(found) : found);
  };
  const long = (): bigint => {
    const length = source.readUInt8(take(1));
    const from = take(length);
    let value = 0n;
    for (let index = length - 1; index >= 0; index--) value = (value << 8n) | BigInt(source[from + index] ?? 0);
    return length > 0 && (source[from + length - 1] ?? 0) >= 0x80 ? value - (1n << BigInt(8 * length)) : value;
  };
  const reduce = (): void => {
    const args = pop();
    const callable = pop();
    if (!isCallable(callable) || !Array.isArray(args)) throw damaged('a call of what cannot be called');
    stack.push(callable.call(args));
  };

  const opcodes: Readonly<Record<number, () => void>> = {
    0x80: () => void take(1), // PROTO
    0x95: () => void take(8), // FRAME
    0x28: () => void stack.push(mark),
    0x4e: () => void stack.push(null),
    0x88: () => void stack.push(true),
    0x89: () => void stack.push(false),
    0x4a: () => void stack.push(source.readInt32LE(take(4))),
    0x4b: () => void stack.push(source.readUInt8(take(1))),
    0x4d: () => void stack.push(source.readUInt16LE(take(2))),
    0x8a: () => void stack.push(long()),
    0x47: () => void stack.push(source.readDoubleBE(take(8))),
    0x58: () => void stack.push(text(source.readUInt32LE(take(4)))), // BINUNICODE
    0x8c: () => void stack.push(text(source.readUInt8(take(1)))), // SHORT_BINUNICODE
    0x5d: () => void stack.push([]),
    0x7d: () => void stack.push(new Map()),
    0x29: () => void stack.push([]), // EMPTY_TUPLE
    0x74: () => void stack.push(toMark()), // TUPLE
    0x85: () => void stack.push(several(1)),
    0x86: () => void stack.push(several(2)),
    0x87: () => void stack.push(several(3)),
    0x61: () => append([pop()]),
    0x65: () => append(toMark()),
    0x73: () => setItems(several(2)),
    0x75: () => setItems(toMark()),
    0x71: () => void memo.set(source.readUInt8(take(1)), top()), // BINPUT
    0x72: () => void memo.set(source.readUInt32LE(take(4)), top()), // LONG_BINPUT
    0x94: () => void memo.set(memo.size, top()), // MEMOIZE
    0x68: () => recall(source.readUInt8(take(1))),
    0x6a: () => recall(source.readUInt32LE(take(4))),
    0x63: () => {
      const where = at - 1;
      name(line(), line(), where); // GLOBAL
    },
    0x93: () => {
      const where = at - 1;
      const [module, item] = several(2);
      name(module ?? null, item ?? null, where); // STACK_GLOBAL
    },
    0x51: () => void stack.push(meanings.persistent(pop())), // BINPERSID
    0x52: reduce,
    // BUILD gives an OrderedDict its attributes (`_metadata`), which say nothing about the tensors.
    0x62: () => void pop(),
  };

  for (;;) {
    const opcode = source.readUInt8(take(1));
    if (opcode === 0x2e) return { value: pop(), end: at };
    const step = opcodes[opcode];
    if (step === undefined)
      throw refused(`refused: the pickle has the opcode 0x${opcode.toString(16)} at byte ${at - 1}`);
    step();
  }
}

const isCallable = (value: Value): value is Callable => typeof value === 'object' && value !== null && 'call' in value;

const printable = (name: string): string => name.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
