import { DownlinkError } from '../errors.ts';

export const seriesPatterns = ['linear', 'seasonal', 'random_walk', 'exponential', 'cyclical'] as const;
export type SeriesPattern = (typeof seriesPatterns)[number];

/** The models learned from the first, were set by the second, and are judged by the others. */
const splits = { train: 1, calibration: 2, test: 3, golden: 4 } as const;
export type SeriesSplit = keyof typeof splits;

export interface WantedSeries {
  readonly pattern: SeriesPattern;
  readonly split: SeriesSplit;
  readonly index: number;
  /** Drawn, from 8 to 512, where it is left out. */
  readonly length?: number;
}

/** A draw by its place: the same whatever else is drawn. */
type Draws = (place: number) => number;

const turn = 2 * Math.PI;

/**
 * A series like those that the models of jobs were trained and judged on, the same for the same wish. Whoever changes a
 * formula here makes other series than those that the models' figures stand for.
 */
export function generatedSeries({ pattern, split, index, length }: WantedSeries): Float64Array {
  const u = drawsOf(Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(splits[split], 0x85ebca6b));
  const count = length ?? Math.floor(8 * 64 ** u(15) + 0.5);
  if (!Number.isInteger(count) || count < 1)
    throw new DownlinkError('telemetry-unusable', `a series of ${count} numbers: write a whole number above 0`);
  const scale = 10 ** (-2 + 5 * u(0));
  const offset = 20 * scale * (u(1) - 0.5);
  const course = courses[pattern](u, count);
  return Float64Array.from({ length: count }, (_, step) => offset + scale * course(step));
}

/** mulberry32, but by the place of a draw and not in turn. */
const drawsOf =
  (seed: number): Draws =>
  (place) => {
    const state = (seed + Math.imul(place + 1, 0x6d2b79f5)) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

const noiseAt = (u: Draws, step: number): number =>
  Math.sqrt(-2 * Math.log(1 - u(16 + 2 * step))) * Math.cos(turn * u(17 + 2 * step));

const noiseLevel = (u: Draws): number => 0.01 * 30 ** u(2);
const signOf = (u: Draws): number => (u(3) < 0.5 ? -1 : 1);

const courses: Readonly<Record<SeriesPattern, (u: Draws, count: number) => (step: number) => number>> = {
  linear: (u) => {
    const [slope, level] = [signOf(u) * 0.02 * 25 ** u(4), noiseLevel(u)];
    return (step) => slope * step + level * noiseAt(u, step);
  },
  seasonal: (u) => {
    const [period, level] = [Math.floor(4 * 12 ** u(3) + 0.5), noiseLevel(u)];
    return (step) => {
      const angle = (turn * step) / period;
      const overtone = 0.5 * u(5) * Math.sin(2 * angle + turn * u(6));
      const drift = 0.02 * (2 * u(7) - 1) * step;
      return Math.sin(angle + turn * u(4)) + overtone + drift + level * noiseAt(u, step);
    };
  },
  // Asked step by step: each goes on from the one before.
  random_walk: (u) => {
    const drift = 0.2 * (u(3) - 0.5);
    let place = 0;
    return (step) => (step === 0 ? 0 : (place += drift + noiseAt(u, step)));
  },
  exponential: (u, count) => {
    const rate = signOf(u) * Math.min(0.05, (0.5 * 6 ** u(4)) / count);
    const level = noiseLevel(u);
    return (step) => Math.exp(rate * step) + level * noiseAt(u, step);
  },
  cyclical: (u) => {
    const period = 8 * 8 ** u(3);
    const [swell, level] = [period * (2 + 4 * u(5)), noiseLevel(u)];
    return (step) => {
      const height = 1 + 0.6 * u(7) * Math.sin((turn * step) / swell + turn * u(6));
      return height * Math.sin((turn * step) / period + turn * u(4)) + level * noiseAt(u, step);
    };
  },
};
