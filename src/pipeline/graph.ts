import type { Topology } from '../config/topology.ts';

export interface GraphNode {
  readonly id: string;
  readonly kind: 'topic' | 'stage' | 'outside';
  readonly label: string;
  readonly note: string;
  /** How it is just now, a line each. */
  readonly live?: readonly string[];
}

/** `main` edges carry the data; `side` edges checkpoints and dead letters. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'main' | 'side';
}

export interface Graph {
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** What is drawn of a topology: topics and stages, and what flows between them. Topics that nobody touches are left out. */
export function graphOf(topology: Topology): Graph {
  const edges: GraphEdge[] = [];
  const stages = topology.stages.map(({ declaration, group }): GraphNode => {
    return { id: `stage:${declaration.name}`, kind: 'stage', label: declaration.name, note: group };
  });
  const outside: GraphNode[] = [];
  for (const { declaration, from, to, checkpoints } of topology.stages) {
    const id = `stage:${declaration.name}`;
    edges.push({ from: `topic:${from.name}`, to: id, kind: 'main' });
    if ('sink' in to) {
      outside.push({ id: `outside:${declaration.name}`, kind: 'outside', label: to.sink, note: 'outside Kafka' });
      edges.push({ from: id, to: `outside:${declaration.name}`, kind: 'main' });
    } else {
      edges.push({ from: id, to: `topic:${to.name}`, kind: 'main' });
    }
    if (checkpoints !== undefined) edges.push({ from: id, to: `topic:${checkpoints.name}`, kind: 'side' });
    if (declaration.readsLetters !== true)
      edges.push({ from: id, to: `topic:${topology.deadLetters.name}`, kind: 'side' });
  }
  const touched = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const topics = topology.topics
    .map(({ name, kafkaName, schemas, partitions }): GraphNode => {
      const note = `${schemas.length === 0 ? 'bytes' : schemas.join(', ')} × ${partitions}`;
      return { id: `topic:${name}`, kind: 'topic', label: kafkaName, note };
    })
    .filter(({ id }) => touched.has(id));
  return { title: topology.name, nodes: [...topics, ...stages, ...outside], edges };
}
