import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { GroupShape, ListShape, Shape, TableShape } from '../contract/settings.ts';
import { closest, didYouMean } from './closest.ts';
import type { Problem } from './problem.ts';
import { readScalar } from './scalars.ts';
import type { Place, YamlSource } from './yaml-source.ts';

/** What a file says under a shape. Where something is wrong the value is undefined there, and a problem says so. */
export interface Reading {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where a path stands in the file; where it is absent, the nearest that stands there. */
  readonly placeOf: (path: string) => Place;
}

// A few lines of aliases can stand for millions of nodes.
const maxNodes = 50_000;

interface Context {
  readonly source: YamlSource;
  readonly problems: Problem[];
  readonly places: Map<string, Place>;
  nodes: number;
}

export function interpret(source: YamlSource, shape: Shape): Reading {
  const context: Context = { source, problems: [...source.problems], places: new Map(), nodes: 0 };
  context.places.set('', { line: 1, column: 1 });
  const value = source.document === undefined ? undefined : read(context, source.document.contents, shape, '');
  const placeOf = (path: string): Place => {
    const known = context.places.get(path);
    return known ?? placeOf(path.slice(0, Math.max(0, path.lastIndexOf('.'))));
  };
  return { value, problems: context.problems, placeOf };
}

const under = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);
const lastKey = (path: string) => path.slice(path.lastIndexOf('.') + 1);

function report(context: Context, place: Place, path: string, what: string, remedy: string): undefined {
  context.problems.push({ file: context.source.file, ...place, path, what, remedy });
}

function placeOfNode(context: Context, node: unknown): Place | undefined {
  const range = (node as Node | null)?.range;
  return range ? context.source.place(range[0]) : undefined;
}

function placeAt(context: Context, node: unknown, path: string): Place {
  return placeOfNode(context, node) ?? context.places.get(path) ?? { line: 1, column: 1 };
}

function read(context: Context, written: unknown, shape: Shape, path: string): unknown {
  context.nodes += 1;
  if (context.nodes === maxNodes) {
    report(context, placeAt(context, written, path), path, 'the file stands for too many values', 'use fewer aliases');
  }
  if (context.nodes >= maxNodes) return undefined;
  if (isAlias(written)) {
    const target = context.source.document && written.resolve(context.source.document);
    if (target !== undefined) return read(context, target, shape, path);
    const place = placeAt(context, written, path);
    return report(
      context,
      place,
      path,
      `there is no anchor \`&${written.source}\` before it`,
      'set it, or write the value',
    );
  }
  switch (shape.kind) {
    case 'group':
      return readGroup(context, written, shape, path);
    case 'table':
      return readTable(context, written, shape, path);
    case 'list':
      return readList(context, written, shape, path);
    default: {
      const answer = readScalar(written, shape, lastKey(path));
      if ('value' in answer) return answer.value;
      return report(context, placeAt(context, written, path), path, answer.what, answer.remedy);
    }
  }
}

const isEmpty = (written: unknown) => written === null || (isScalar(written) && written.value === null);

interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly place: Place;
}

/** The entries of a mapping; an empty value counts as an empty one. */
function entriesOf(context: Context, written: unknown, path: string): readonly Entry[] | undefined {
  if (isEmpty(written)) return [];
  if (!isMap(written)) {
    report(context, placeAt(context, written, path), path, `must be a mapping`, 'write `key: value` lines under it');
    return undefined;
  }
  return written.items.map(({ key, value }: Pair) => ({
    key: isScalar(key) ? String(key.value) : String(key),
    value,
    place: placeOfNode(context, key) ?? placeAt(context, written, path),
  }));
}

function readGroup(context: Context, written: unknown, shape: GroupShape, path: string): unknown {
  const entries = entriesOf(context, written, path);
  if (entries === undefined) return undefined;
  const known = Object.keys(shape.fields);
  const present = new Map<string, Entry>();
  const meant = new Set<string>();
  for (const entry of entries) {
    const at = under(path, entry.key);
    context.places.set(at, entry.place);
    if (Object.hasOwn(shape.fields, entry.key)) {
      present.set(entry.key, entry);
      continue;
    }
    const near = closest(entry.key, known);
    if (near !== undefined) meant.add(near);
    report(context, entry.place, at, 'unknown key', didYouMean(entry.key, known));
  }
  const value = Object.fromEntries(
    Object.entries(shape.fields).map(([key, field]) => {
      const entry = present.get(key);
      const at = under(path, key);
      if (entry !== undefined) return [key, read(context, entry.value, field, at)];
      return [key, absent(context, field, at, meant.has(key))];
    }),
  );
  for (const rule of shape.rules ?? []) {
    const complete = known.every((key) => value[key] !== undefined || shape.fields[key]?.optional);
    if (!complete || rule.holds(value)) continue;
    const at = under(path, rule.key);
    report(context, context.places.get(at) ?? placeAt(context, written, path), at, rule.says, 'change one of the two');
  }
  return value;
}

/** What a key that is not written stands for. A required one whose misspelling was reported is not reported again. */
function absent(context: Context, shape: Shape, path: string, misspelled: boolean): unknown {
  if ('fallback' in shape) {
    // An omitted group still gives each of its keys its own fallback.
    return shape.kind === 'group' ? readGroup(context, null, shape, path) : shape.fallback;
  }
  if (shape.optional === true || misspelled) return undefined;
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  const place = context.places.get(parent) ?? { line: 1, column: 1 };
  return report(context, place, path, 'missing', `write \`${lastKey(path)}:\` here: ${lowerFirst(shape.about)}`);
}

const lowerFirst = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

function readTable(context: Context, written: unknown, shape: TableShape, path: string): unknown {
  const entries = entriesOf(context, written, path);
  if (entries === undefined) return undefined;
  if (entries.length < (shape.min ?? 0)) {
    return report(
      context,
      context.places.get(path) ?? placeAt(context, written, path),
      path,
      'is empty',
      lowerFirst(shape.about),
    );
  }
  const legal = new RegExp(`^(?:${shape.keys.matches})$`);
  return Object.fromEntries(
    entries.map((entry) => {
      const at = under(path, entry.key);
      context.places.set(at, entry.place);
      if (!legal.test(entry.key))
        report(context, entry.place, at, 'is no legal name', `a name must be ${shape.keys.says}`);
      return [entry.key, read(context, entry.value, shape.of, at)];
    }),
  );
}

function readList(context: Context, written: unknown, shape: ListShape, path: string): unknown {
  if (!isSeq(written)) {
    return report(context, placeAt(context, written, path), path, 'must be a list', 'write it as [first, second]');
  }
  if (written.items.length < (shape.min ?? 0)) {
    return report(context, placeAt(context, written, path), path, 'is empty', lowerFirst(shape.about));
  }
  return written.items.map((item, i) => {
    const at = under(path, String(i));
    context.places.set(at, placeAt(context, item, path));
    return read(context, item, shape.of, at);
  });
}
