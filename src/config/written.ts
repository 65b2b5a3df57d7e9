import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { didYouMean } from './closest.ts';
import type { Problem } from './problem.ts';
import { inUnitOf } from './units.ts';
import type { Place, YamlSource } from './yaml-source.ts';

/**
 * What stands at one place of a file, where shapes cannot say beforehand what may. Whatever does not fit is reported with
 * its place, and is undefined.
 */
export interface Written {
  readonly path: string;
  readonly place: Place;
  readonly kind: 'mapping' | 'list' | 'value' | 'nothing';
  readonly value: unknown;
  /** A value letter for letter: 00ff stays 00ff. */
  readonly letters: string;
  /** With any keys. */
  entries(): ReadonlyMap<string, Written>;
  /** With these keys and no others. */
  fields<K extends string>(known: readonly K[]): { readonly [F in K]?: Written };
  items(): readonly Written[];
  text(): string | undefined;
  integer(least?: number, most?: number): number | undefined;
  /** Milliseconds since 1970, also written like 2026-01-31T12:00:00Z. */
  time(): number | undefined;
  /** Milliseconds, also written like 5ms or 2m. */
  duration(): number | undefined;
  wrong(what: string, remedy: string): undefined;
}

// Without a zone it would mean another instant on another machine.
const instant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

// A few lines of aliases can stand for millions of nodes.
const maxNodes = 200_000;

/** The root of a file; `problems` grows while it is read. */
export function readWritten(source: YamlSource, problems: Problem[]): Written {
  let nodes = 0;
  const { file, document } = source;
  const at = (given: unknown, path: string, near: Place): Written => {
    const range = (given as Node | null | undefined)?.range;
    const place = range ? source.place(range[0]) : near;
    const wrong = (what: string, remedy: string): undefined => {
      problems.push({ file, ...place, path, what, remedy });
    };
    let node = given;
    if (isAlias(given)) {
      node = document && given.resolve(document);
      if (node === undefined) wrong(`there is no anchor \`&${given.source}\` before it`, 'set it, or write the value');
    }
    nodes += 1;
    if (nodes === maxNodes) wrong('the file stands for too many values', 'use fewer aliases');
    if (nodes >= maxNodes) node = undefined;
    return written(node, place, path, wrong);
  };

  const written = (node: unknown, place: Place, path: string, wrong: Written['wrong']): Written => {
    const value: unknown = isScalar(node) ? node.value : undefined;
    const empty = node === undefined || node === null || value === null;
    const kind = empty ? 'nothing' : isMap(node) ? 'mapping' : isSeq(node) ? 'list' : 'value';
    const letters = isScalar(node) ? (node.source ?? String(value)) : '';
    const shown = kind === 'value' ? `\`${letters.slice(0, 40)}\`` : kind === 'nothing' ? kind : `a ${kind}`;
    const under = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`);

    const pairs = () => {
      if (!isMap(node)) {
        if (!empty) wrong('must be a mapping', 'write `key: value` lines under it');
        return [];
      }
      return node.items.map(({ key, value: held }) => {
        const name = isScalar(key) ? String(key.value) : String(key);
        const range = (key as Node | null)?.range;
        return { name, held, place: range ? source.place(range[0]) : place };
      });
    };
    const entries = () =>
      new Map(pairs().map(({ name, held, place: near }) => [name, at(held, under(name), near)] as const));
    const fields = <K extends string>(known: readonly K[]): { readonly [F in K]?: Written } => {
      const found: { [F in K]?: Written } = {};
      for (const { name, held, place: near } of pairs()) {
        if (known.includes(name as K)) found[name as K] = at(held, under(name), near);
        else problems.push({ file, ...near, path: under(name), what: 'unknown key', remedy: didYouMean(name, known) });
      }
      return found;
    };
    const items = () => {
      if (isSeq(node)) return node.items.map((item, i) => at(item, under(i), place));
      if (!empty) wrong(`must be a list, not ${shown}`, 'write it as [first, second]');
      return [];
    };
    const text = () => {
      if (typeof value === 'string') return value;
      const quoted = kind === 'value' ? `write '${letters}' in quotes` : 'write a name';
      return wrong(`must be text, not ${shown}`, quoted);
    };
    const integer = (least = -Infinity, most = Infinity) => {
      if (typeof value !== 'number' || !Number.isSafeInteger(value))
        return wrong(`must be a whole number, not ${shown}`, 'write a number without quotes');
      if (value < least) return wrong(`${value} is too small`, `write ${least} or more`);
      return value > most ? wrong(`${value} is too large`, `write ${most} or less`) : value;
    };
    const time = () => {
      if (typeof value === 'number') return integer();
      const parsed = instant.test(letters) ? Date.parse(letters) : NaN;
      if (!Number.isNaN(parsed)) return parsed;
      return wrong(`must be a time, not ${shown}`, 'write it like 2026-01-31T12:00:00Z, or as milliseconds since 1970');
    };
    const duration = () => {
      const ms = kind === 'value' ? inUnitOf('Ms', letters) : undefined;
      return ms ?? wrong(`must be a duration, not ${shown}`, 'write it like 10ms, 30s or 2m');
    };
    return { path, place, kind, value, letters, entries, fields, items, text, integer, time, duration, wrong };
  };
  return at(document?.contents, '', { line: 1, column: 1 });
}
