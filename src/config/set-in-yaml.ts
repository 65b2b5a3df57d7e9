import { isDeepStrictEqual } from 'node:util';
import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  parseDocument,
  stringify,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { DownlinkError } from '../errors.ts';

/**
 * A file with one value set, and every other letter as it was: written anew, comments would move and lists change their look,
 * and a person could not see in the difference what was set.
 */
export function setInYaml(file: string, text: string, path: readonly string[], value: unknown): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const whole = text === '' || text.endsWith('\n') ? text : `${text}${eol}`;
  const { at, to, put } = editOf(whole, path, value);
  const changed = whole.slice(0, at) + put.replaceAll('\n', eol) + whole.slice(to);
  const [before, after] = [parseDocument(text), parseDocument(changed)];
  // However the file is written: it says what it said and this, or it stays as it is.
  const isRight = after.errors.length === 0 && isDeepStrictEqual(after.toJS(), withValue(before.toJS(), path, value));
  if (isRight) return changed;
  const detail = `${file}: ${path.join('.')} cannot be set there as the file is written; write it by hand`;
  throw new DownlinkError('config-invalid', detail);
}

interface Edit {
  readonly at: number;
  readonly to: number;
  readonly put: string;
}

function editOf(text: string, path: readonly string[], value: unknown): Edit {
  let node: unknown = parseDocument(text).contents;
  let held: Pair | undefined;
  for (const [depth, key] of path.entries()) {
    if (isEmpty(node) && held !== undefined) {
      const at = lineEnd(text, rangeOf(held.key)[1]);
      return { at, to: at, put: `\n${nested(path.slice(depth), value, columnOf(text, held.key) + 2)}` };
    }
    if (!isMap(node)) break;
    const found = node.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
    if (found === undefined) return added(text, node, path.slice(depth), value);
    held = found;
    node = found.value;
  }
  const [at, to] = [rangeOf(node)[0], endOf(node)];
  return { at, to, put: isEmpty(node) ? ` ${flow(value)}` : flow(value) };
}

/** Behind what a mapping holds, in its own way of writing. */
function added(text: string, map: YAMLMap, path: readonly string[], value: unknown): Edit {
  const last = map.items.at(-1);
  if (map.flow === true || last === undefined) {
    const at = last === undefined ? rangeOf(map)[0] + 1 : endOfPair(last);
    return {
      at,
      to: at,
      put: `${last === undefined ? ' ' : ', '}${inFlow(path, value)}${last === undefined ? ' ' : ''}`,
    };
  }
  const at = lineEnd(text, endOfPair(last));
  return { at, to: at, put: `\n${nested(path, value, columnOf(text, map.items[0]?.key))}` };
}

const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim();

const inFlow = ([key = '', ...rest]: readonly string[], value: unknown): string =>
  `${flow(key)}: ${rest.length === 0 ? flow(value) : `{ ${inFlow(rest, value)} }`}`;

function nested([key = '', ...rest]: readonly string[], value: unknown, column: number): string {
  const line = `${' '.repeat(column)}${flow(key)}:`;
  return rest.length === 0 ? `${line} ${flow(value)}` : `${line}\n${nested(rest, value, column + 2)}`;
}

const isEmpty = (node: unknown): boolean => node === null || (isScalar(node) && node.value === null);
const rangeOf = (node: unknown): readonly [number, number] => {
  const [from = 0, to = 0] = (node as Node | null)?.range ?? [];
  return [from, to];
};

/** Behind the last value in it: where a mapping or a list of lines itself ends, the lines behind it may be counted in. */
function endOf(node: unknown): number {
  const last: unknown = isCollection(node) && node.flow !== true ? node.items.at(-1) : undefined;
  if (last === undefined) return rangeOf(node)[1];
  return isPair(last) ? endOfPair(last) : endOf(last);
}

const endOfPair = ({ key, value }: Pair): number => Math.max(rangeOf(key)[1], endOf(value));

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  if (end === -1) return text.length;
  return text[end - 1] === '\r' ? end - 1 : end;
}

const columnOf = (text: string, node: unknown): number => {
  const [at] = rangeOf(node);
  return at - (text.lastIndexOf('\n', at - 1) + 1);
};

function withValue(before: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const held = (before ?? {}) as Readonly<Record<string, unknown>>;
  return { ...held, [key]: withValue(held[key], rest, value) };
}
