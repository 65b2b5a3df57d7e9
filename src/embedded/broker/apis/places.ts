import { kafkaError, Refused } from '../errors.ts';

/** How many partitions and copies of them a client wants, or where it wants them. */
interface Wanted {
  readonly partitions: number;
  readonly replicas: number;
  readonly assignments: readonly { readonly partition: number; readonly nodes: readonly number[] }[];
}

export function checkPlaces({ partitions, replicas, assignments }: Wanted, node: number): void {
  if (assignments.length === 0) {
    if (replicas === 1 || replicas === -1) return;
    const what = `A replication factor of ${replicas} cannot be had: there is one broker.`;
    throw new Refused(kafkaError.invalidReplicationFactor, what);
  }
  if (partitions !== -1 || replicas !== -1)
    throw new Refused(
      kafkaError.invalidRequest,
      'A manual partition assignment was specified, but partitions or replication factor were not set to -1.',
    );
  const found = assignments.map(({ partition }) => partition).sort((one, other) => one - other);
  if (found.some((partition, at) => partition !== at))
    throw new Refused(
      kafkaError.invalidReplicaAssignment,
      'Partitions should be a consecutive 0-based integer sequence.',
    );
  for (const { nodes } of assignments) checkAssignment(nodes, node);
}

/** A partition can only be on the one node that there is. */
export function checkAssignment(nodes: readonly number[], node: number): void {
  if (nodes.length !== 1 || nodes[0] !== node)
    throw new Refused(
      kafkaError.invalidReplicaAssignment,
      `The assignment is to the brokers [${nodes.join(', ')}]; there is broker ${node} only.`,
    );
}
