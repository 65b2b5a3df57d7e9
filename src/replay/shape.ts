import type { Generator } from './generated.ts';
import { seeded } from './seeded.ts';

/**
 * What the quiet telemetry of an entity looks like, in few numbers: between which levels its value goes, and which commands
 * are on at one time. From one row to the next both go as often to each next state as they did in what it was learned from.
 */
export interface Shape {
  readonly sensors: number;
  readonly value: {
    /** Least and greatest value of each level. */
    readonly levels: readonly (readonly [from: number, to: number])[];
    /** How often the value stood still where the level stayed, 0 to 1. */
    readonly still: number;
    readonly next: Steps;
  };
  readonly commands: {
    /** Which sensors are on. */
    readonly states: readonly (readonly number[])[];
    readonly next: Steps;
  };
}

/** From each state: to which, and how often. */
export type Steps = readonly (readonly (readonly [to: number, times: number])[])[];

const mostLevels = 32;
/** What was rarer is no part of being quiet. */
const leastShare = 0.002;

/** Learns from quiet rows, whose first sensor is the value and the others are commands. */
export function shapeOf(values: Float32Array, sensors: number): Shape {
  const rows = values.length / sensors;
  const value = Array.from({ length: rows }, (_, row) => values[row * sensors] ?? 0);
  const [least, greatest] = [Math.min(...value), Math.max(...value)];
  const width = (greatest - least) / mostLevels;
  const levelOf = value.map((one) => (width === 0 ? 0 : Math.min(mostLevels - 1, Math.floor((one - least) / width))));
  const levels = frequent(levelOf);
  const within = levels.names.map((level) => value.filter((_, row) => levelOf[row] === level));
  const pairs = value.slice(1).map((one, row) => [one === value[row], levelOf[row + 1] === levelOf[row]] as const);
  const stayed = pairs.filter(([, sameLevel]) => sameLevel).length;
  const commands = frequent(
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: sensors - 1 }, (__, at) => at + 1)
        .filter((sensor) => (values[row * sensors + sensor] ?? 0) > 0)
        .join(' '),
    ),
  );
  return {
    sensors,
    value: {
      levels: within.map((own) => [rounded(Math.min(...own)), rounded(Math.max(...own))]),
      still: rounded(pairs.filter(([same]) => same).length / Math.max(1, stayed)),
      next: levels.next,
    },
    commands: {
      states: commands.names.map((name) => (name === '' ? [] : name.split(' ').map(Number))),
      next: commands.next,
    },
  };
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** The states that come often enough, the most frequent first, and how they follow each other when the others are left out. */
function frequent<T>(seen: readonly T[]): { readonly names: readonly T[]; readonly next: Steps } {
  const times = new Map<T, number>();
  for (const one of seen) times.set(one, (times.get(one) ?? 0) + 1);
  const names = [...times]
    .filter(([, count]) => count >= leastShare * seen.length)
    .sort(([, a], [, b]) => b - a)
    .map(([name]) => name);
  const steps = names.map(() => new Map<number, number>());
  const kept = seen.map((one) => names.indexOf(one)).filter((state) => state >= 0);
  for (const [at, to] of kept.slice(1).entries()) {
    const own = steps[kept[at] ?? 0];
    own?.set(to, (own.get(to) ?? 0) + 1);
  }
  return { names, next: steps.map((own) => [...own]) };
}

/** Rows of that shape. */
export function shaped({ value, commands }: Shape, seed: number): Generator {
  const random = seeded(seed);
  let [level, command] = [0, 0];
  let last: number | undefined;
  return (row) => {
    const to = walk(value.next, level, random);
    const [from, upTo] = value.levels[to] ?? [0, 0];
    if (last === undefined || to !== level || random() >= value.still) last = from + (upTo - from) * random();
    level = to;
    command = walk(commands.next, command, random);
    row.fill(0);
    row[0] = last;
    for (const sensor of commands.states[command] ?? []) row[sensor] = 1;
  };
}

function walk(steps: Steps, from: number, random: () => number): number {
  const ways = steps[from] ?? [];
  let left = random() * ways.reduce((sum, [, times]) => sum + times, 0);
  for (const [to, times] of ways) {
    left -= times;
    if (left < 0) return to;
  }
  // The last state that was seen leads nowhere; the most frequent one is as good as any.
  return 0;
}
