import { aligned } from './aligned.ts';
import type { LaneStatus, Status } from './status.ts';

const head = ['stage', 'lane', 'member', 'lag', 'seconds', 'records/s', 'dead', 'last commit', 'restores', 'form'];

/** A line a lane, then what has to be known of the figures. */
export function statusTable({ topology, at, groups, lanes, notes }: Status): string {
  const title = `${topology} at ${at.slice(11, 19)}: ${groups
    .map(
      ({ group, state, members }) => `${group} ${inWords(state)}, ${members} ${members === 1 ? 'member' : 'members'}`,
    )
    .join('; ')}`;
  return [title, '', ...aligned([head, ...lanes.map(cells)]), ...(notes.length > 0 ? ['', ...notes] : []), ''].join(
    '\n',
  );
}

/** Kafka's word for a group that nobody was ever in, or that it has forgotten. */
const inWords = (state: string): string => (state === 'Dead' ? 'unknown' : state.toLowerCase());

const known = (value: number | undefined, digits: number): string =>
  value === undefined ? '-' : value.toFixed(digits);

const cells = (lane: LaneStatus): readonly string[] => [
  lane.stage,
  String(lane.partition),
  lane.member === undefined ? '-' : `${shortened(lane.member)} ${lane.host ?? ''}`.trim(),
  known(lane.lagRecords, 0),
  known(lane.lagSeconds, 1),
  known(lane.recordsPerSecond, 1),
  String(lane.deadLetters),
  lane.lastCommitSecondsAgo === undefined ? '-' : `${known(lane.lastCommitSecondsAgo, 1)} s ago`,
  known(lane.restores, 0),
  lane.form ?? '-',
];

/** Without most of the random part that a broker puts behind a client's name. */
const shortened = (member: string): string => member.replace(/-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, '');
