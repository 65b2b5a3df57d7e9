import type { Generator } from './generated.ts';
import { seeded } from './seeded.ts';

/** Simple courses of a value over the rows, within [-1, 1]; each sensor has its own phase and pace. */
export const patterns: Readonly<Record<string, (random: () => number) => () => number>> = {
  linear: (random) => {
    const [period, up] = [200 + 800 * random(), random() < 0.5];
    return counted((row) => (up ? 1 : -1) * (((2 * row) / period) % 2) - (up ? 1 : -1));
  },
  seasonal: (random) => {
    const [period, phase, noise] = [60 + 240 * random(), random(), 0.02];
    return counted((row) => {
      const angle = 2 * Math.PI * (row / period + phase);
      return 0.7 * Math.sin(angle) + 0.2 * Math.sin(3 * angle) + noise * (2 * random() - 1);
    });
  },
  random_walk: (random) => {
    let value = 2 * random() - 1;
    return () => {
      value += 0.05 * (2 * random() - 1);
      // Thrown back at the border.
      if (Math.abs(value) > 1) value = Math.sign(value) * (2 - Math.abs(value));
      return value;
    };
  },
  exponential: (random) => {
    const period = 100 + 400 * random();
    return counted((row) => 2 * Math.exp(-(5 * (row % period)) / period) - 1);
  },
  cyclical: (random) => {
    const [period, phase] = [20 + 100 * random(), random()];
    return counted((row) => ((row / period + phase) % 1 < 0.5 ? 0.8 : -0.8) + 0.02 * (2 * random() - 1));
  },
};

function counted(of: (row: number) => number): () => number {
  let row = 0;
  return () => of(row++);
}

/** All sensors of an entity after one pattern. */
export function patterned(name: string, seed: number): Generator {
  const begin = patterns[name];
  if (begin === undefined) throw new TypeError(`no pattern ${name}`);
  const sensors: (() => number)[] = [];
  const random = seeded(seed);
  return (row) => {
    while (sensors.length < row.length) sensors.push(begin(seeded(Math.floor(random() * 2 ** 32))));
    for (const [at, next] of sensors.entries()) row[at] = next();
  };
}
