export { seeded } from '../../src/replay/seeded.ts';

/** The seed of this run: a new one each time, or the one that a red run printed. */
export function seedOfRun(): number {
  const seed = Number(process.env['DOWNLINK_TEST_SEED'] ?? Date.now() % 2 ** 31);
  process.stderr.write(`seed ${seed} (DOWNLINK_TEST_SEED=${seed} repeats this run)\n`);
  return seed;
}
