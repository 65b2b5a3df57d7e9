// A process of the simulation: Jest's own globals would cost half of the time.
import { plants } from './plants.ts';
import { simulate, type Result, type SimulateOptions } from './simulate.ts';

/** So many seeds from one on, every `step`th, with a bug planted or without. */
export interface Schedules {
  readonly from: number;
  readonly step: number;
  readonly count: number;
  readonly plant?: string;
}

export type Answer = { readonly wrong: Result | undefined; readonly same: boolean };

process.on('message', (message) => {
  run(message as Schedules).then(
    (answer) => process.send?.(answer),
    (thrown: unknown) => {
      console.error(thrown);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));

async function run({ from, step, count, plant: name }: Schedules): Promise<Answer> {
  const plant = name === undefined ? undefined : plants[name];
  if (name !== undefined && plant === undefined) throw new Error(`no bug is called ${name}`);
  const tracing: SimulateOptions = { tracing: true, plant };
  let wrong: Result | undefined;
  for (let i = 0; i < count && wrong === undefined; i++) {
    const result = await simulate(from + i * step, { plant });
    if (result.faults.length > 0) wrong = result;
    // What no promise leads to any more goes only between two turns of Node's loop.
    if (i % 50 === 0) await new Promise(setImmediate);
  }
  if (wrong !== undefined) wrong = await simulate(wrong.seed, tracing);
  const [one, two] = [await simulate(from, tracing), await simulate(from, tracing)];
  return { wrong, same: JSON.stringify(one) === JSON.stringify(two) };
}
