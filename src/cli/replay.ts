import { InvalidArgumentError, Option } from 'commander';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inUnitOf } from '../config/units.ts';
import { openDataSet } from '../replay/data-set.ts';
import { faultIn, faultKinds, type Fault } from '../replay/faults.ts';
import { generators } from '../replay/choose.ts';
import { shapesText } from '../replay/shapes.ts';
import { packageRoot } from './package-root.ts';
import { repeatedOption } from './repeated-option.ts';
import { replayInto, type ReplayOptions } from './replay-into.ts';
import { time } from './time.ts';
import type { Verb } from './verb.ts';

const example = `
Example: downlink replay --topology topologies/smap.yaml --data data/smap --speed max
         downlink replay --topology topologies/smap.yaml --generate smap --fault commands:A-1:300 --speed 60

A fault is KIND:ENTITY:ROW[:ROWS[:STRENGTH]]; kinds: ${Object.keys(faultKinds).join(', ')}.`;

/** Telemetry as a fleet would send it: of a data set, or made up. */
export const replay: Verb = (program, shell, done) => {
  program
    .command('replay')
    .description('publish the telemetry of a data set, or generated telemetry, to a topology')
    .requiredOption('--topology <file>', 'the topology file')
    .option('--data <dir>', "a data set in telemanom's or TranAD's layout")
    .addOption(
      new Option('--generate <pattern>', 'make telemetry up: smap is quiet and shaped like its training data')
        .choices(generators)
        .conflicts('data'),
    )
    .addOption(new Option('--entities <names...>', 'only these, as A-1 or SAT-001/A-1').default([], 'all'))
    .addOption(new Option('--split <split>', 'which part of the data set').choices(['train', 'test']).default('test'))
    .option('--speed <factor>', 'how much faster than it was measured, or max', speed, 1)
    .addOption(
      new Option('--interval <time>', 'the time between two samples of an entity')
        .argParser(interval)
        .default(30_000, '30s'),
    )
    .option('--start <time>', 'when the first sample was measured (now - rows x interval; now if it never ends)', time)
    .option('--rows <n>', 'how many rows; generated telemetry goes on for ever without it', whole)
    .option('--block <n>', 'how many samples one record holds', whole, 1)
    .addOption(repeatedOption('--fault <fault>', 'put a fault in', 'none', fault))
    .option('--loop', 'begin again after the last row, with indices and times that go on')
    .option('--seed <n>', 'the same generated telemetry for the same seed', whole, 1)
    .option('--resume', 'go on from where the last replay was stopped')
    .option('--progress <file>', 'where it is kept how far a replay came (.downlink/replay/TOPOLOGY.json)')
    .option('--shapes <file>', 'what quiet telemetry looks like', join(packageRoot, 'topologies', 'smap.shapes.json'))
    .option(
      '--learn <file>',
      'write what the training rows of --data look like to a file for --shapes; publish nothing',
    )
    .addHelpText('after', example)
    .action(async (options: ReplayOptions) => {
      if (options.data === undefined && options.generate === undefined) {
        shell.err('give --data DIR or --generate PATTERN\n');
        return done(2);
      }
      if (options.learn === undefined) return done(await replayInto(options, shell));
      if (options.data === undefined) {
        shell.err('--learn needs --data DIR\n');
        return done(2);
      }
      writeFileSync(options.learn, await shapesText(openDataSet(options.data, 'train')));
      return done(0);
    });
};

function speed(text: string): number {
  if (text === 'max') return Infinity;
  const factor = Number(text);
  if (!(factor > 0)) throw new InvalidArgumentError('A speed is a number above 0, or max.');
  return factor;
}

function interval(text: string): number {
  const ms = inUnitOf('intervalMs', text);
  if (ms === undefined || !(ms >= 1) || /^[\d.]+$/.test(text))
    throw new InvalidArgumentError('An interval is written like 30s, 500ms or 1m.');
  return ms;
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

function fault(text: string): Fault {
  const found = faultIn(text);
  if (found === undefined)
    throw new InvalidArgumentError('A fault is written KIND:ENTITY:ROW[:ROWS[:STRENGTH]], like commands:A-1:300:20.');
  return found;
}
