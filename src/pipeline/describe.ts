import type { Stage, Topic, Topology } from '../config/topology.ts';
import { aligned } from './aligned.ts';

/** How the outcome of a stage reaches the other side, in the words of the README. */
export const deliveryOf = (stage: Stage): string =>
  'sink' in stage.to ? 'written idempotently, then committed' : 'exactly once, in one transaction';

/** A topology as text: each lane from topic to topic, then the topics, then the fleet. */
export function describeTopology(topology: Topology): string {
  const lanes = topology.stages.flatMap((stage) => lane(stage, topology.deadLetters));
  const title = `${topology.name}${topology.about === undefined ? '' : `: ${topology.about}`}`;
  return [title, '', ...lanes, ...topicTable(topology), '', ...fleet(topology), ''].join('\n');
}

const schemas = (topic: Topic) => (topic.schemas.length === 0 ? 'bytes' : topic.schemas.join(' | '));

function lane(stage: Stage, deadLetters: Topic): readonly string[] {
  const target = 'sink' in stage.to ? stage.to.sink : stage.to.kafkaName;
  const details: readonly (readonly [string, string])[] = [
    ['does', stage.declaration.about],
    ['group', stage.group],
    ['partitions', partitions(stage)],
    ['schema', `${schemas(stage.from)}${'sink' in stage.to ? '' : ` > ${schemas(stage.to)}`}`],
    ['delivery', deliveryOf(stage)],
    ...(stage.checkpoints ? [['checkpoints', stage.checkpoints.kafkaName] as const] : []),
    ['rejected', `to ${deadLetters.kafkaName}`],
    ['settings', settings(stage.settings)],
  ];
  return [
    `${stage.from.kafkaName} > ${stage.declaration.name} > ${target}`,
    ...details.map(([what, value]) => `  ${what.padEnd(12)}${value}`),
    '',
  ];
}

function partitions({ from, to, declaration }: Stage): string {
  if ('sink' in to) return String(from.partitions);
  return `${from.partitions}, ${declaration.rekeys ? 'each entity has its fixed output partition' : 'output partition = input partition'}`;
}

function settings(values: unknown): string {
  const entries = Object.entries(values as Readonly<Record<string, unknown>>);
  return (
    entries.map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' ') ||
    'none'
  );
}

function topicTable({ topics }: Topology): readonly string[] {
  const rows = topics.map((topic) => [
    topic.kafkaName,
    String(topic.partitions),
    topic.replication === undefined ? "broker's" : String(topic.replication),
    schemas(topic),
    Object.entries(topic.config)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
  ]);
  return aligned([['topic', 'partitions', 'replication', 'schema', 'settings'], ...rows]);
}

function fleet({ entities }: Topology): readonly string[] {
  const rows = entities.map(({ satellite, name, sensors, model, threshold }) => [
    `${satellite}/${name}`,
    `${sensors.length} sensors`,
    model,
    threshold === undefined ? "the model's threshold" : `threshold ${threshold}`,
  ]);
  return aligned(rows);
}
