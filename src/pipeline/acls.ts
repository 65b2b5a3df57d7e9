import type { Stage, Topology } from '../config/topology.ts';
import { aligned } from './aligned.ts';

/** One right of one stage on one thing, or on all things whose name begins so. */
export interface Acl {
  /** The name that the stage logs in with. */
  readonly principal: string;
  readonly operations: readonly ('Read' | 'Write' | 'Describe')[];
  readonly resource: 'topic' | 'group' | 'transactional-id';
  readonly name: string;
  readonly prefixed: boolean;
  readonly why: string;
}

/** The least rights with which each stage runs. Kafka counts Describe as part of Read and of Write on topics and groups. */
export const aclsOf = ({ stages, deadLetters }: Topology): readonly Acl[] =>
  stages.flatMap((stage) => stageAcls(stage, deadLetters.kafkaName));

function stageAcls({ declaration, from, to, checkpoints, group }: Stage, deadLetters: string): readonly Acl[] {
  const on = (
    resource: Acl['resource'],
    name: string,
    operations: Acl['operations'],
    why: string,
    prefixed = false,
  ): Acl => ({ principal: declaration.name, operations, resource, name, prefixed, why });
  const written = 'sink' in to ? [] : [on('topic', to.kafkaName, ['Write'], 'its output')];
  const kept =
    checkpoints === undefined
      ? []
      : [on('topic', checkpoints.kafkaName, ['Read', 'Write'], 'its state, read before it starts')];
  return merged([
    on('topic', from.kafkaName, ['Read'], 'its source'),
    ...written,
    ...kept,
    on('topic', deadLetters, ['Write'], 'what it rejects'),
    on('group', group, ['Read'], 'membership and offsets'),
    on('transactional-id', `${group}.`, ['Write', 'Describe'], 'one for each process', true),
  ]);
}

/** A topic may play two parts for a stage; it gets one line all the same. */
function merged(acls: readonly Acl[]): readonly Acl[] {
  const byThing = new Map<string, Acl>();
  for (const acl of acls) {
    const thing = `${acl.resource} ${acl.name}`;
    const other = byThing.get(thing);
    const both = other && {
      ...acl,
      operations: [...new Set([...other.operations, ...acl.operations])],
      why: `${other.why}; ${acl.why}`,
    };
    byThing.set(thing, both ?? acl);
  }
  return [...byThing.values()];
}

/** The rights as a table, and as the commands that grant them. */
export function describeAcls(topology: Topology): string {
  const acls = aclsOf(topology);
  const rows = acls.map(({ principal, operations, resource, name, prefixed, why }) => [
    principal,
    operations.join(', '),
    resource,
    `${name}${prefixed ? '*' : ''}`,
    why,
  ]);
  const table = aligned([['stage', 'may', 'on', 'name', 'for'], ...rows]);
  return [...table, '', ...acls.map(command), ''].join('\n');
}

// Names hold nothing that a shell would read as its own: the topology file allows letters, digits, dots, underscores
// and hyphens only.
const command = ({ principal, operations, resource, name, prefixed }: Acl): string =>
  [
    'kafka-acls --bootstrap-server "$DOWNLINK_KAFKA" --add',
    `--allow-principal User:${principal}`,
    ...operations.map((operation) => `--operation ${operation}`),
    `--${resource} ${name}`,
    ...(prefixed ? ['--resource-pattern-type prefixed'] : []),
  ].join(' ');
