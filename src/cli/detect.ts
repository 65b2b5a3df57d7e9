import { entitiesNamed, keyOfEntity } from '../config/entities-named.ts';
import { DownlinkError } from '../errors.ts';
import { aligned } from '../pipeline/aligned.ts';
import { placesOf, rowsOf, scoredRows, type Quiet } from '../pipeline/quiet-rows.ts';
import { trainDetector } from '../pipeline/train-detector.ts';
import { choose } from '../replay/choose.ts';
import { repeatedOption } from './repeated-option.ts';
import { time } from './time.ts';
import type { Verb } from './verb.ts';
import { withKafkaAndRegistry, type Tools } from './with-kafka-and-registry.ts';

interface Options {
  readonly topology: string;
  readonly data?: string;
  readonly from?: number;
  readonly until?: number;
  readonly entity: readonly string[];
}

/** What detect knows before the first row of a stream. */
export const detect: Verb = (program, shell, done) => {
  const verb = program
    .command('detect')
    .description('teach the stage detect what it knows of each entity')
    .addHelpText('after', '\nExample: downlink detect train --topology topologies/smap.yaml --data ./SMAP');
  verb
    .command('train')
    .description('learn quiet telemetry, so that detect need not learn the first rows in silence. It must be stopped')
    .requiredOption('--topology <file>', 'the topology file')
    .option('--data <dir>', 'the training rows of a data set (the layouts of `downlink replay`)')
    .option('--from <time>', 'instead: what was scored since this time, like 2026-01-31T12:00:00Z', time)
    .option('--until <time>', 'with --from: and before this time, instead of until now', time)
    .addOption(repeatedOption('--entity <name>', 'only this entity, as A-1 or SAT-001/A-1', 'all'))
    .addHelpText('after', '\nExample: downlink detect train --topology topologies/smap.yaml --data ./SMAP')
    .action(async (options: Options) => {
      if ((options.data === undefined) === (options.from === undefined)) {
        shell.err('--data DIR or --from TIME: one of them says what is quiet\n');
        done(2);
        return;
      }
      done(
        await withKafkaAndRegistry(options.topology, shell, async (tools) => {
          const quiet = await quietOf(options, tools);
          const trained = await trainDetector({ ...tools, quiet });
          const rows = trained.map(({ entity, rows: count, before }) => [
            entity,
            String(count),
            before ? 'in place of what it had learned' : '',
          ]);
          shell.out(`${aligned([['entity', 'rows', ''], ...rows]).join('\n')}\n`);
          return trained.length > 0 ? 0 : 1;
        }),
      );
    });
};

async function quietOf({ data, from = 0, until = Date.now(), entity: names }: Options, tools: Tools): Promise<Quiet> {
  const { topology } = tools;
  if (data === undefined) {
    const named = entitiesNamed(topology, names);
    if ('wrong' in named) throw new DownlinkError('config-invalid', named.wrong.join('; '));
    return scoredRows({ ...tools, entities: named.entities, from, until });
  }
  const { chosen } = await choose({ topology, telemetry: { data, split: 'train' }, names, faults: [] });
  const quiet: Quiet = new Map();
  for (const { entity, source } of chosen) {
    const { values } = await source.read(0, source.rows);
    await source.close();
    quiet.set(
      keyOfEntity(entity),
      placesOf(topology, entity).map((place) => rowsOf(values, source.columns, place)),
    );
  }
  return quiet;
}
