import { writeFileSync } from 'node:fs';
import { describeAcls } from '../pipeline/acls.ts';
import { describeTopology } from '../pipeline/describe.ts';
import { graphOf } from '../pipeline/graph.ts';
import { mermaidOf } from '../pipeline/mermaid.ts';
import { svgOf } from '../pipeline/svg.ts';
import { topologyJsonSchema } from '../pipeline/topology-file.ts';
import { settingsOrProblems } from './load-settings.ts';
import { testTopology } from './test-topology.ts';
import type { Shell, Verb } from './verb.ts';
import { watchedGraph } from './watched-graph.ts';

interface GraphOptions {
  readonly mermaid?: true;
  readonly out?: string;
  readonly live?: true;
}

export const topology: Verb = (program, shell, done) => {
  const verb = program
    .command('topology')
    .description('check and draw topology files')
    .addHelpText('after', '\nExample: downlink topology check topologies/smap.yaml');

  verb
    .command('check <file>')
    .description(
      'show every mistake in a topology file and in the environment, with its place and what to write instead',
    )
    .addHelpText('after', '\nExample: downlink topology check topologies/smap.yaml')
    .action((file: string) => {
      const found = settingsOrProblems(file, shell)?.topology;
      if (found === undefined) return done(1);
      const counts = [
        counted(found.stages, 'stage', 'stages'),
        counted(found.topics, 'topic', 'topics'),
        counted(found.entities, 'entity', 'entities'),
      ].join(', ');
      shell.out(`${found.file}: no mistakes (${counts})\n`);
    });

  verb
    .command('describe <file>')
    .description('print the lanes: topic > stage > topic, with group, partitions, schema and delivery')
    .addHelpText('after', '\nExample: downlink topology describe topologies/smap.yaml')
    .action((file: string) => {
      const found = settingsOrProblems(file, shell)?.topology;
      if (found === undefined) return done(1);
      shell.out(describeTopology(found));
    });

  verb
    .command('graph <file>')
    .description('draw the topology, as SVG or as Mermaid')
    .option('--mermaid', 'write Mermaid instead of SVG')
    .option('--out <path>', 'write to a file instead of the screen')
    .option('--live', 'with how each stage is just now: rate, lag, members, dead letters')
    .addHelpText(
      'after',
      '\nExample: downlink topology graph topologies/smap.yaml --out smap.svg' +
        '\n         DOWNLINK_KAFKA=127.0.0.1:9092 downlink topology graph topologies/smap.yaml --live --mermaid',
    )
    .action(async (file: string, { mermaid, out, live }: GraphOptions) => {
      const settings = settingsOrProblems(file, shell);
      if (settings === undefined) return done(1);
      const graph = live === true ? await watchedGraph(settings, shell) : graphOf(settings.topology);
      if (graph === undefined) return done(1);
      emit((mermaid ? mermaidOf : svgOf)(graph), out, shell);
    });

  verb
    .command('acls <file>')
    .description('print the least rights in Kafka that each stage needs, and the kafka-acls commands that grant them')
    .addHelpText('after', '\nExample: downlink topology acls topologies/smap.yaml')
    .action((file: string) => {
      const found = settingsOrProblems(file, shell)?.topology;
      if (found === undefined) return done(1);
      shell.out(describeAcls(found));
    });

  verb
    .command('test <file>')
    .description('run the cases beside a topology file, without a broker: records in, records out, dead letters')
    .option('--cases <path>', 'the file with the cases, instead of the one beside the topology')
    .addHelpText('after', '\nExample: downlink topology test topologies/smap.yaml')
    .action(async (file: string, options: { cases?: string }) => {
      done(await testTopology(file, options.cases, shell));
    });

  verb
    .command('schema')
    .description('print the JSON Schema of topology files, for editors')
    .option('--out <path>', 'write to a file instead of the screen')
    .addHelpText('after', '\nExample: downlink topology schema --out topology.schema.json')
    .action(({ out }: { out?: string }) => {
      emit(`${JSON.stringify(topologyJsonSchema(), null, 2)}\n`, out, shell);
    });
};

function emit(text: string, out: string | undefined, shell: Shell): void {
  if (out === undefined) shell.out(text);
  else writeFileSync(out, text);
}

const counted = ({ length }: { readonly length: number }, one: string, several: string): string =>
  `${length} ${length === 1 ? one : several}`;
