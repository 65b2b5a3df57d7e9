import { limits } from '../limits.ts';
import type { Group } from './group.ts';
import type { Held } from './offsets.ts';

/** From when an offset's time runs; Infinity while it is in use. */
function runsFrom(group: Group, { topic, time }: Held): number {
  if (group.reads(topic)) return Infinity;
  // Who shares out by itself is never heard of but by its commits.
  if (group.roster.protocolType === null) return time;
  if (group.state === 'Empty') return group.since;
  return group.ofConsumers && group.state === 'Stable' ? time : Infinity;
}

export function isExpired(group: Group, held: Held, now: number): boolean {
  const from = runsFrom(group, held);
  return from !== Infinity && now >= (held.expires ?? from + limits.offsetsKeptMs);
}
