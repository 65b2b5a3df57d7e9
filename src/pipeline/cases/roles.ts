import { didYouMean } from '../../config/closest.ts';
import type { Stage, Topic, Topology } from '../../config/topology.ts';
import type { Written } from '../../config/written.ts';
import type { SchemaName } from '../../contract/index.ts';

/** The stages that can run without a program outside: what is only declared cannot run at all. */
export const runnable = ({ stages }: Topology): readonly Stage[] =>
  stages.filter(({ declaration, to }) => 'open' in declaration && declaration.needs === undefined && !('sink' in to));

/** Where records go in when a case does not say: what no stage writes and the first reads. */
export function headOf(topology: Topology): Topic | undefined {
  const written = new Set(topology.stages.map(({ to }) => to));
  return runnable(topology).find(({ from }) => !written.has(from))?.from;
}

export function topicNamed(written: Written, name: string, { topics }: Topology): Topic | undefined {
  const found = topics.find((topic) => topic.name === name);
  const names = topics.map((topic) => topic.name);
  return found ?? written.wrong(`there is no topic \`${name}\``, didYouMean(name, names));
}

/** What the records of a topic are written with; undefined where nothing that can run writes it, which is reported. */
export function writtenWith(
  written: Written,
  topic: Topic,
  topology: Topology,
): { readonly schema: SchemaName | undefined } | undefined {
  if (topic === topology.deadLetters)
    return written.wrong('is the topic of the dead letters', 'write them under `deadLetters:` of the case');
  const writer = topology.stages.find(({ to, checkpoints }) => to === topic || checkpoints === topic);
  if (writer === undefined) return written.wrong(`no stage writes \`${topic.name}\``, 'take it away');
  const { declaration } = writer;
  if (!runnable(topology).includes(writer))
    return written.wrong(
      `${topic.name} is written by ${declaration.name}, which cannot run in a case yet`,
      'take it away',
    );
  if (writer.checkpoints === topic) return { schema: declaration.checkpoint };
  return { schema: 'schema' in declaration.writes ? declaration.writes.schema : undefined };
}
