import type { FleetEntity } from '../../contract/index.ts';
import type { Columns } from './columns.ts';
import type { Settings } from './settings.ts';

/** Why a record is refused or, where samples are named, only these of it. The detail names every problem. */
export interface Refusal {
  readonly samples?: readonly number[];
  readonly detail: string;
}

const dayMs = 86_400_000;

/**
 * Everything that one record can show: how many values there are, that they are finite, and that the times can be.
 * Undefined where nothing is wrong, which is nearly always, and then nothing is allocated.
 */
export function judge(
  columns: Columns,
  { sensors }: FleetEntity,
  receivedAt: number,
  settings: Settings,
): Refusal | undefined {
  const { timestamps, indices, values } = columns;
  const [count, width] = [timestamps.length, sensors.length];
  if (count === 0 || values.length !== count * width || (indices !== null && indices.length !== count))
    return { detail: misshapen(columns, width) };
  const oldest = receivedAt - settings.maxAgeDays * dayMs;
  const newest = receivedAt + settings.maxAheadSeconds * 1_000;
  let refused: Refused[] | undefined;
  for (let sample = 0; sample < count; sample++) {
    const at = timestamps[sample] ?? NaN;
    const index = indices?.[sample] ?? 0;
    const from = sample * width;
    if (at >= oldest && at <= newest && index >= 0 && areFinite(values, from, from + width)) continue;
    const problems = [
      ...(at < oldest ? [`its time ${text(at)} is more than ${settings.maxAgeDays} days before it came`] : []),
      ...(at > newest ? [`its time ${text(at)} is more than ${settings.maxAheadSeconds} s after it came`] : []),
      ...(index < 0 ? [`its index is ${index}`] : []),
      ...unfinite(values, from, sensors),
    ];
    (refused ??= []).push({ sample, why: problems.join(', ') });
  }
  if (refused === undefined) return undefined;
  const detail = inWords(refused);
  return refused.length === count ? { detail } : { samples: refused.map(({ sample }) => sample), detail };
}

interface Refused {
  readonly sample: number;
  readonly why: string;
}

function misshapen({ timestamps, indices, values }: Columns, width: number): string {
  const count = timestamps.length;
  return [
    ...(count === 0 ? ['it holds no sample'] : []),
    ...(values.length === count * width
      ? []
      : [`${values.length} values, where ${count} × ${width} sensors need ${count * width}`]),
    ...(indices === null || indices.length === count ? [] : [`${indices.length} indices for ${count} samples`]),
  ].join('; ');
}

function areFinite(values: ArrayLike<number>, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!Number.isFinite(values[at])) return false;
  return true;
}

/** Neighbours that have the same fault are one range: a letter has only so much room. */
function ranges<T>(items: readonly T[], same: (a: T, b: T) => boolean): readonly (readonly [first: T, last: T])[] {
  const found: [T, T][] = [];
  for (const item of items) {
    const range = found.at(-1);
    if (range !== undefined && same(range[1], item)) range[1] = item;
    else found.push([item, item]);
  }
  return found;
}

function unfinite(values: ArrayLike<number>, from: number, sensors: readonly string[]): readonly string[] {
  const faults = sensors.flatMap((sensor, i) => {
    const value = values[from + i];
    return Number.isFinite(value) ? [] : [{ sensor, i, is: String(value) }];
  });
  return ranges(faults, (a, b) => b.i === a.i + 1 && a.is === b.is).map(([first, last]) =>
    first === last ? `${first.sensor} is ${first.is}` : `${first.sensor}..${last.sensor} are ${first.is}`,
  );
}

const inWords = (refused: readonly Refused[]): string =>
  ranges(refused, (a, b) => b.sample === a.sample + 1 && a.why === b.why)
    .map(([first, last]) =>
      first === last ? `sample ${first.sample}: ${first.why}` : `samples ${first.sample}..${last.sample}: ${first.why}`,
    )
    .join('; ');

const text = (at: number): string => (Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at));
