import type { Rows, Source } from './source.ts';
import { seeded } from './seeded.ts';

/** What goes wrong, from a row on, for a while. */
export interface Fault {
  readonly kind: FaultKind;
  /** `satellite/entity`, or the entity alone. */
  readonly entity: string;
  readonly row: number;
  readonly rows: number;
  /** 1 is plain to see; what it means is said with each kind. */
  readonly strength: number;
}

interface Place {
  /** Within the fault, from 0. */
  readonly row: number;
  readonly rows: number;
  readonly strength: number;
  /** Of the last quiet row. */
  readonly before: number;
  readonly random: () => number;
}

/** What each kind does to a row. The first sensor is the value, the others are commands. */
export const faultKinds = {
  /** The value lies as far off as its whole usual range of 2, times strength. */
  level: (row: Float32Array, { strength }: Place) => {
    row[0] = (row[0] ?? 0) + 2 * strength;
  },
  /** As `level`, but it comes slowly. */
  drift: (row: Float32Array, { strength, row: at, rows }: Place) => {
    row[0] = (row[0] ?? 0) + (2 * strength * (at + 1)) / rows;
  },
  /** The value jumps about. */
  noise: (row: Float32Array, { strength, random }: Place) => {
    row[0] = (row[0] ?? 0) + 2 * strength * (2 * random() - 1);
  },
  /** The value stands still, whatever the strength. */
  stuck: (row: Float32Array, { before }: Place) => {
    row[0] = before;
  },
  /** Commands turn over: with strength 1 each of them, with less so large a part of them. */
  commands: (row: Float32Array, { strength }: Place) => {
    const count = Math.min(row.length - 1, Math.round((row.length - 1) * strength));
    for (let sensor = 1; sensor <= count; sensor++) row[sensor] = 1 - (row[sensor] ?? 0);
  },
} satisfies Readonly<Record<string, (row: Float32Array, place: Place) => void>>;

export type FaultKind = keyof typeof faultKinds;

/** Telemetry with faults in it; their rows are labelled with the kind. */
export function withFaults(source: Source, faults: readonly Fault[]): Source {
  if (faults.length === 0) return source;
  const { columns } = source;
  const read: Source['read'] = async (from, count) => {
    const rows = await source.read(from, count);
    const labels = Array.from({ length: rows.values.length / columns }, (_, at) => [...(rows.labels?.[at] ?? [])]);
    for (const fault of faults) await inflict(fault, rows, labels, from);
    return { values: rows.values, labels };
  };
  const inflict = async (fault: Fault, { values }: Rows, labels: string[][], from: number): Promise<void> => {
    for (const [at, own] of labels.entries()) {
      const row = from + at - fault.row;
      if (row < 0 || row >= fault.rows) continue;
      // The same whichever pieces are read.
      const random = seeded(fault.row * 1_000_003 + row);
      const before = fault.kind === 'stuck' ? await valueBefore(fault.row) : 0;
      const place = { row, rows: fault.rows, strength: fault.strength, before, random };
      faultKinds[fault.kind](values.subarray(at * columns, (at + 1) * columns), place);
      own.push(fault.kind);
    }
  };
  const found = new Map<number, number>();
  const valueBefore = async (row: number): Promise<number> => {
    const known = found.get(row);
    if (known !== undefined) return known;
    const value = (await source.read(Math.max(0, row - 1), 1)).values[0] ?? 0;
    found.set(row, value);
    return value;
  };
  return { ...source, read };
}

/** `commands:A-1:300`, `level:SAT-001/A-1:300:40:0.5`: kind, entity, first row, how many rows (20), strength (1). */
export function faultIn(text: string): Fault | undefined {
  const [kind = '', entity = '', row = '', rows = '20', strength = '1', ...more] = text.split(':');
  const isKind = (name: string): name is Fault['kind'] => Object.hasOwn(faultKinds, name);
  const numbers = [Number(row), Number(rows), Number(strength)] as const;
  if (!isKind(kind) || entity === '' || row === '' || more.length > 0) return undefined;
  if (!Number.isInteger(numbers[0]) || numbers[0] < 0 || !Number.isInteger(numbers[1]) || numbers[1] < 1)
    return undefined;
  if (!(numbers[2] > 0)) return undefined;
  return { kind, entity, row: numbers[0], rows: numbers[1], strength: numbers[2] };
}
