// As main.ts runs it, but with a stage of the tests: the small topology on a log that its parent names.
import { runInThisProcess } from '../../src/cli/run-here.ts';
import { toldToStop } from '../../src/cli/told.ts';
import { copyStage, settingsOf, smallText, topologyOf } from './small-topology.ts';

export interface WorkerOptions {
  readonly bootstrap: string;
  readonly prefix: string;
  readonly partitions: number;
  readonly worker?: number;
  /** Of the process' telemetry. */
  readonly port: number;
  /** How long each turn takes; its parent hears when one begins. */
  readonly pauseMs?: number;
}

const options = JSON.parse(process.argv[2] ?? '') as WorkerOptions;
const { bootstrap, prefix, partitions, pauseMs = 0 } = options;
const first = () => {
  process.send?.('in a turn');
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
};
const definitions = [copyStage(pauseMs > 0 ? { first } : {})];
const topology = topologyOf(smallText(prefix, partitions), definitions);
const what = { settings: settingsOf(topology, bootstrap), stages: topology.stages, definitions };
const exit = await runInThisProcess(
  what,
  { host: '127.0.0.1', ...options },
  {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: {},
    untilToldToStop: () => toldToStop(process, () => process.exit(1)),
    tell: (message) => process.connected && process.send?.(message),
  },
);
process.exit(exit);
