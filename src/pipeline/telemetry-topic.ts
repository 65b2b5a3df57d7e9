import type { Topic, Topology } from '../config/topology.ts';
import { DownlinkError } from '../errors.ts';

/** Where users publish. */
export function telemetryTopicOf({ stages, file }: Topology): Topic {
  const reading = stages.find(({ declaration }) => declaration.reads.includes('telemetry'));
  if (reading !== undefined) return reading.from;
  throw new DownlinkError('telemetry-unusable', `${file}: no stage of it reads telemetry`);
}
