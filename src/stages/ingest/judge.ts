import type { FleetEntity, Records } from '../../contract/index.ts';
import type { Settings } from './settings.ts';

export type Telemetry = Records['telemetry'] | Records['telemetry-block'];

/** What is wrong with a record as a whole, or with some of its samples. */
export interface Judgement {
  readonly whole: readonly string[];
  /** By the sample's place in the record. */
  readonly samples: ReadonlyMap<number, readonly string[]>;
}

export interface Columns {
  readonly timestamps: readonly number[];
  readonly indices: readonly number[] | null;
  readonly values: ArrayLike<number>;
}

/** A single sample is a block of one. */
export function columnsOf(value: Telemetry): Columns {
  if ('timestamps' in value) return value;
  const { timestamp, index, values } = value;
  return { timestamps: [timestamp], indices: index === null ? null : [index], values };
}

const dayMs = 86_400_000;

/** Everything that one record can show: how many values there are, that they are finite, and that the times can be. */
export function judge(columns: Columns, entity: FleetEntity, receivedAt: number, settings: Settings): Judgement {
  const { timestamps, indices, values } = columns;
  const [count, width] = [timestamps.length, entity.sensors.length];
  const whole = [
    ...(count === 0 ? ['it holds no sample'] : []),
    ...(values.length === count * width
      ? []
      : [`${values.length} values, where ${count} × ${width} sensors need ${count * width}`]),
    ...(indices === null || indices.length === count ? [] : [`${indices.length} indices for ${count} samples`]),
  ];
  const samples = new Map<number, readonly string[]>();
  if (whole.length > 0) return { whole, samples };
  const [oldest, newest] = [receivedAt - settings.maxAgeDays * dayMs, receivedAt + settings.maxAheadSeconds * 1_000];
  for (let i = 0; i < count; i++) {
    const [at, index] = [timestamps[i] ?? NaN, indices?.[i]];
    const problems = [
      ...(at < oldest ? [`its time ${text(at)} is more than ${settings.maxAgeDays} days before it came`] : []),
      ...(at > newest ? [`its time ${text(at)} is more than ${settings.maxAheadSeconds} s after it came`] : []),
      ...(index !== undefined && index < 0 ? [`its index is ${index}`] : []),
      ...unfinite(values, i * width, entity.sensors),
    ];
    if (problems.length > 0) samples.set(i, problems);
  }
  return { whole, samples };
}

function unfinite(values: ArrayLike<number>, from: number, sensors: readonly string[]): readonly string[] {
  let names: string[] | undefined;
  for (let i = 0; i < sensors.length; i++) {
    if (!Number.isFinite(values[from + i]))
      (names ??= []).push(`${sensors[i] ?? i} is ${values[from + i] ?? 'missing'}`);
  }
  return names ?? [];
}

const text = (at: number): string => (Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at));
