import type { Records } from '../../contract/index.ts';

export type Telemetry = Records['telemetry'] | Records['telemetry-block'];

/** Samples of one entity: all of them are numbered, or none is. */
export interface Columns {
  readonly timestamps: readonly number[];
  readonly indices: readonly number[] | null;
  /** Sample after sample. */
  readonly values: ArrayLike<number>;
}

/** A single sample is a block of one. */
export function columnsOf(telemetry: Telemetry): Columns {
  if ('timestamps' in telemetry) return telemetry;
  const { timestamp, index, values } = telemetry;
  return { timestamps: [timestamp], indices: index === null ? null : [index], values };
}

/** What is left when some samples are taken out. */
export function without({ timestamps, indices, values }: Columns, samples: readonly number[]): Columns {
  const width = values.length / timestamps.length;
  const out = new Set(samples);
  const stays = (_: unknown, sample: number) => !out.has(sample);
  return {
    timestamps: timestamps.filter(stays),
    indices: indices?.filter(stays) ?? null,
    values: Array.from(values).filter((_, at) => !out.has(Math.floor(at / width))),
  };
}

/** One after the other. */
export function joined(parts: readonly Columns[]) {
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0));
  const timestamps: number[] = [];
  const indices: number[] = [];
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
    for (const one of part.timestamps) timestamps.push(one);
    for (const one of part.indices ?? []) indices.push(one);
  }
  return { timestamps, indices: parts[0]?.indices === null ? null : indices, values };
}
