import type { Graph } from './graph.ts';
import { keyOf } from './lane-rates.ts';
import type { LaneStatus, Status } from './status.ts';

/** A graph with how each stage is: how fast its lanes are together, how far behind, how many members, what it refused. */
export function liveGraph(graph: Graph, { at, groups, lanes }: Status, rates: ReadonlyMap<string, number>): Graph {
  const members = new Map(groups.map((one) => [one.group, one.members]));
  const nodes = graph.nodes.map((node) => {
    if (node.kind !== 'stage') return node;
    const own = lanes.filter(({ stage }) => stage === node.label);
    const dead = sum(own.map(({ deadLetters }) => deadLetters));
    const joined = `${counted(members.get(node.note) ?? 0, 'member')}, ${counted(dead, 'dead letter')}`;
    return { ...node, live: [rateText(known(own.map((lane) => rates.get(keyOf(lane))))), lagText(own), joined] };
  });
  return { ...graph, title: `${graph.title} at ${at.slice(0, 19)}Z`, nodes };
}

const known = (values: readonly (number | undefined)[]): readonly number[] =>
  values.filter((value) => value !== undefined);
const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

const rateText = (rates: readonly number[]): string =>
  rates.length === 0 ? 'records/s unknown' : `${sum(rates).toFixed(1)} records/s`;

function lagText(lanes: readonly LaneStatus[]): string {
  const records = known(lanes.map(({ lagRecords }) => lagRecords));
  if (records.length === 0) return 'lag unknown';
  const isWhole = records.length === lanes.length;
  const all = sum(records);
  if (all === 0 && isWhole) return 'no lag';
  const seconds = Math.max(...known(lanes.map(({ lagSeconds }) => lagSeconds)), 0);
  return `lag ${isWhole ? '' : 'at least '}${counted(all, 'record')}, ${seconds.toFixed(1)} s`;
}

const counted = (count: number, what: string): string =>
  `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;
