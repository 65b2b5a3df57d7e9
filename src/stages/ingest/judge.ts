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
  let refused: { readonly samples: number[]; readonly problems: string[] } | undefined;
  for (let sample = 0; sample < count; sample++) {
    const at = timestamps[sample] ?? NaN;
    const index = indices?.[sample] ?? 0;
    const from = sample * width;
    if (at >= oldest && at <= newest && index >= 0 && areFinite(values, from, from + width)) continue;
    refused ??= { samples: [], problems: [] };
    refused.samples.push(sample);
    const problems = [
      ...(at < oldest ? [`its time ${text(at)} is more than ${settings.maxAgeDays} days before it came`] : []),
      ...(at > newest ? [`its time ${text(at)} is more than ${settings.maxAheadSeconds} s after it came`] : []),
      ...(index < 0 ? [`its index is ${index}`] : []),
      ...unfinite(values, from, sensors),
    ];
    for (const problem of problems) refused.problems.push(`sample ${sample}: ${problem}`);
  }
  if (refused === undefined) return undefined;
  const detail = refused.problems.join('; ');
  return refused.samples.length === count ? { detail } : { samples: refused.samples, detail };
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

const unfinite = (values: ArrayLike<number>, from: number, sensors: readonly string[]): readonly string[] =>
  sensors.flatMap((sensor, i) => {
    const value = values[from + i];
    return Number.isFinite(value) ? [] : [`${sensor} is ${value ?? 'missing'}`];
  });

const text = (at: number): string => (Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at));
