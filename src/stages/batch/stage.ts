import type { Batch, Lane, Outcome, Records, Sent, Stage } from '../../contract/index.ts';
import type { Settings } from './settings.ts';

type Samples = Records['samples'];

/** Joins what it is handed of an entity and cuts it to size: larger while it is behind, when throughput is what helps latency. */
export function openBatch({ settings }: Lane<Settings>): Stage<Samples, Samples> {
  const process = ({ records, behind }: Batch<Samples>): Outcome<Samples, never> => {
    const most = behind > 0n ? settings.maxBacklogSamples : settings.maxSamples;
    const runs = new Map<string, Samples[]>();
    const send: Sent<Samples>[] = [];
    const finish = (key: string): void => {
      const run = runs.get(key) ?? [];
      runs.delete(key);
      for (const value of cut(run, most)) send.push({ key, value });
    };
    for (const { value } of records) {
      const key = `${value.satellite_id}/${value.entity}`;
      const before = runs.get(key)?.at(-1);
      if (before !== undefined && !joins(before, value)) finish(key);
      runs.set(key, [...(runs.get(key) ?? []), value]);
    }
    for (const key of [...runs.keys()]) finish(key);
    return { send };
  };
  return { process };
}

const widthOf = ({ values, timestamps }: Samples): number => values.length / timestamps.length;

/** Numbered and not, or of different widths, two records stay two. */
const joins = (a: Samples, b: Samples): boolean =>
  (a.indices === null) === (b.indices === null) && widthOf(a) === widthOf(b);

function* cut(run: readonly Samples[], most: number): Generator<Samples> {
  const [first] = run;
  if (first === undefined) return;
  const whole = run.length === 1 ? first : joined(run, first);
  const [count, width] = [whole.timestamps.length, widthOf(whole)];
  if (count <= most) {
    yield whole;
    return;
  }
  for (let from = 0; from < count; from += most) {
    const to = Math.min(count, from + most);
    yield {
      ...whole,
      timestamps: whole.timestamps.slice(from, to),
      indices: whole.indices?.slice(from, to) ?? null,
      values: whole.values.slice(from * width, to * width),
    };
  }
}

function joined(run: readonly Samples[], first: Samples): Samples {
  const values = new Float32Array(run.reduce((sum, one) => sum + one.values.length, 0));
  let at = 0;
  for (const one of run) {
    values.set(one.values, at);
    at += one.values.length;
  }
  return {
    ...first,
    timestamps: run.flatMap(({ timestamps }) => timestamps),
    indices: first.indices === null ? null : run.flatMap(({ indices }) => indices ?? []),
    values,
  };
}
