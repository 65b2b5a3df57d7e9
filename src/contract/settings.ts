/**
 * A small language of shapes. Stages declare their settings in it; `config` interprets it: it reads values from a file,
 * reports every mistake with its place, and derives the JSON Schema that editors check. Nothing here runs.
 */

declare const held: unique symbol;

interface About<T> {
  /** One sentence for whoever writes the file. */
  readonly about: string;
  /** What holds where the key is left out; without it the key is required, unless `optional`. */
  readonly fallback?: unknown;
  readonly optional?: true;
  readonly [held]?: T;
}

export interface TextShape<T = unknown> extends About<T> {
  readonly kind: 'text';
  readonly pattern?: Pattern;
}
export interface NumberShape<T = unknown> extends About<T> {
  readonly kind: 'integer' | 'decimal';
  readonly min?: number;
  readonly max?: number;
}
export interface FlagShape<T = unknown> extends About<T> {
  readonly kind: 'flag';
}
export interface ChoiceShape<T = unknown> extends About<T> {
  readonly kind: 'choice';
  readonly among: readonly string[];
}
export interface ListShape<T = unknown> extends About<T> {
  readonly kind: 'list';
  readonly of: Shape;
  readonly min?: number;
}
/** Any keys, all values of one shape. A value that is left empty is taken as `{}`. */
export interface TableShape<T = unknown> extends About<T> {
  readonly kind: 'table';
  readonly of: Shape;
  readonly keys: Pattern;
  readonly min?: number;
}
/** Known keys, each with its shape. */
export interface GroupShape<T = unknown> extends About<T> {
  readonly kind: 'group';
  readonly fields: Readonly<Record<string, Shape>>;
  readonly rules?: readonly Rule[];
}

export type Shape<T = unknown> =
  TextShape<T> | NumberShape<T> | FlagShape<T> | ChoiceShape<T> | ListShape<T> | TableShape<T> | GroupShape<T>;

export type ValueOf<S> = S extends { readonly [held]?: infer T } ? Exclude<T, undefined> | MaybeAbsent<S> : never;
type MaybeAbsent<S> = S extends { readonly optional: true } ? undefined : never;

/** `matches` is a regular expression's source for the whole text; `says` completes "must be …". */
export interface Pattern {
  readonly matches: string;
  readonly says: string;
}

/** What must hold between the keys of one group; reported at `key`. */
export interface Rule {
  readonly key: string;
  readonly says: string;
  readonly holds: (group: Readonly<Record<string, unknown>>) => boolean;
}

type Fields<F extends Readonly<Record<string, Shape>>> = { readonly [K in keyof F]: ValueOf<F[K]> };

export const text = <const O extends Omit<TextShape, 'kind'>>(options: O) =>
  ({ kind: 'text', ...options }) as TextShape<string> & O;

export const integer = <const O extends Omit<NumberShape, 'kind'>>(options: O) =>
  ({ kind: 'integer', ...options }) as NumberShape<number> & O;

export const decimal = <const O extends Omit<NumberShape, 'kind'>>(options: O) =>
  ({ kind: 'decimal', ...options }) as NumberShape<number> & O;

export const flag = <const O extends Omit<FlagShape, 'kind'>>(options: O) =>
  ({ kind: 'flag', ...options }) as FlagShape<boolean> & O;

export const choice = <const A extends readonly string[], const O extends Omit<ChoiceShape, 'kind' | 'among'>>(
  among: A,
  options: O,
) => ({ kind: 'choice', among, ...options }) as ChoiceShape<A[number]> & O;

export const list = <const S extends Shape, const O extends Omit<ListShape, 'kind' | 'of'>>(of: S, options: O) =>
  ({ kind: 'list', of, ...options }) as ListShape<readonly ValueOf<S>[]> & O;

export const table = <const S extends Shape, const O extends Omit<TableShape, 'kind' | 'of'>>(of: S, options: O) =>
  ({ kind: 'table', of, ...options }) as TableShape<Readonly<Record<string, ValueOf<S>>>> & O;

export const group = <
  const F extends Readonly<Record<string, Shape>>,
  const O extends Omit<GroupShape, 'kind' | 'fields'>,
>(
  fields: F,
  options: O,
) => ({ kind: 'group', fields, ...options }) as GroupShape<Fields<F>> & O;
