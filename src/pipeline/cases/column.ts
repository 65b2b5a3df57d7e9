import { didYouMean } from '../../config/closest.ts';
import type { Written } from '../../config/written.ts';

export interface ColumnForm<T> {
  readonly item: (written: Written) => T | undefined;
  /** How far apart counted items are; absent where nothing can be counted. */
  readonly step?: (written: Written) => number | undefined;
  /** How many items one sample has, and how many samples there are, as far as that is known. */
  readonly each: number | undefined;
  readonly samples: number | undefined;
  /** Names of the items of one sample. */
  readonly sensors: readonly string[];
}

const mostItems = 100_000;

/**
 * The items of a list, written out or short: `{ of: 25, fill: 0.5 }`, `{ of: 3, from: 7, step: 2 }`, each with exceptions by
 * their places or by sensors (`sensor_3: .nan`). In a list, such a mapping is one sample.
 */
export function readColumn<T>(written: Written, form: ColumnForm<T>): readonly T[] | undefined {
  if (written.kind === 'mapping') {
    const { each, samples } = form;
    return readShort(written, form, each === undefined || samples === undefined ? undefined : each * samples);
  }
  if (written.kind !== 'list') return written.wrong('must be a list', 'write it as [first, second] or { fill: 0.5 }');
  const items = written.items().flatMap((item): readonly (T | undefined)[] => {
    if (item.kind === 'mapping') return readShort(item, form, form.each) ?? [undefined];
    return [form.item(item)];
  });
  return complete(items);
}

function readShort<T>(written: Written, form: ColumnForm<T>, usual: number | undefined): readonly T[] | undefined {
  const { of, fill, from, step, ...others } = Object.fromEntries(written.entries());
  const count = of === undefined ? usual : of.integer(1, mostItems);
  if (count === undefined) return of ? undefined : written.wrong('says not how many', 'write how many, like `of: 25`');
  if ((fill === undefined) === (from === undefined))
    return written.wrong(
      'must have one of `fill` and `from`',
      'write what each is, like `fill: 0.5`, or count `from: 0`',
    );
  const items = fill === undefined ? counted(written, form, count, from, step) : repeated(form.item(fill), count);
  for (const [name, exception] of Object.entries(others)) {
    const place = placeOf(name, count, form, exception);
    if (place !== undefined && items !== undefined) items[place] = form.item(exception);
  }
  return items && complete(items);
}

const repeated = <T>(item: T, count: number): T[] => new Array<T>(count).fill(item);

function counted<T>(
  written: Written,
  { item, step: readStep }: ColumnForm<T>,
  count: number,
  from: Written | undefined,
  step: Written | undefined,
): (T | undefined)[] | undefined {
  const first = from && item(from);
  if (first === undefined) return undefined;
  if (readStep === undefined || typeof first !== 'number')
    return written.wrong('cannot be counted', 'write `fill` in place of `from`');
  const by = step === undefined ? 1 : readStep(step);
  return by === undefined ? undefined : Array.from({ length: count }, (_, i) => (first + i * by) as T);
}

function placeOf(name: string, count: number, { sensors }: ColumnForm<unknown>, at: Written): number | undefined {
  if (/^\d+$/.test(name)) {
    if (Number(name) < count) return Number(name);
    return at.wrong(`there are only ${count}`, `write a place from 0 to ${count - 1}`);
  }
  const place = sensors.indexOf(name);
  if (place < 0) return at.wrong('unknown key', didYouMean(name, ['of', 'fill', 'from', 'step', ...sensors]));
  if (count === sensors.length) return place;
  return at.wrong('of which sample?', 'write a list with one mapping a sample, or the place as a number');
}

const complete = <T>(items: readonly (T | undefined)[]): readonly T[] | undefined =>
  items.includes(undefined) ? undefined : (items as readonly T[]);
