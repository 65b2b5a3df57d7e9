import type { Batch, Lane, Outcome, Records, Sent, Stage } from '../../contract/index.ts';
import { cut, joined, joins } from './samples.ts';
import type { Settings } from './settings.ts';

type Samples = Records['samples'];

/** Joins what it is handed of an entity and cuts it to size: larger while it is behind, when throughput is what helps latency. */
export function openBatch({ settings }: Lane<Settings>): Stage<Samples, Samples> {
  const process = ({ records, behind }: Batch<Samples>): Outcome<Samples, never> => {
    const most = behind > 0n ? settings.maxBacklogSamples : settings.maxSamples;
    const send: Sent<Samples>[] = [];
    const runs = new Map<string, [Samples, ...Samples[]]>();
    const finish = (key: string, run: readonly [Samples, ...Samples[]]): void => {
      for (const value of cut(joined(run), most)) send.push({ key, value });
    };
    for (const { value } of records) {
      if (value.timestamps.length === 0) continue;
      const key = `${value.satellite_id}/${value.entity}`;
      const run = runs.get(key);
      if (run !== undefined && joins(run[0], value)) {
        run.push(value);
        continue;
      }
      if (run !== undefined) finish(key, run);
      runs.set(key, [value]);
    }
    for (const [key, run] of runs) finish(key, run);
    return { send };
  };
  return { process };
}
