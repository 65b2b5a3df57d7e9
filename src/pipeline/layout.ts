import type { Graph, GraphNode } from './graph.ts';

export interface Box {
  readonly node: GraphNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
}

const plainHeight = 50;
const gapX = 40;
const gapY = 26;
const margin = 20;
const title = 34;
const letter = 7.6;

/** Of a line that says how a node is just now. */
export const liveHeight = 16;

/**
 * Data flows from left to right: a node stands one column after the last that feeds it. What is only written on the side
 * stands below its writer's output, or, if several write it, as a bar under everything.
 */
export function layoutOf({ nodes, edges }: Graph): Layout {
  const width = Math.ceil(Math.max(120, ...nodes.map(textWidth)));
  const height = plainHeight + liveHeight * Math.max(0, ...nodes.map(({ live = [] }) => live.length));
  const main = edges.filter(({ kind }) => kind === 'main');
  const onPath = new Set(main.flatMap(({ from, to }) => [from, to]));
  const column = new Map<string, number>();
  const columnOf = (id: string): number => {
    const known = column.get(id);
    if (known !== undefined) return known;
    const own = Math.max(0, ...main.filter(({ to }) => to === id).map(({ from }) => columnOf(from) + 1));
    column.set(id, own);
    return own;
  };
  const rows = new Map<number, number>();
  const place = (at: number): { x: number; y: number } => {
    const row = rows.get(at) ?? 0;
    rows.set(at, row + 1);
    return { x: margin + at * (width + gapX), y: margin + title + row * (height + gapY) };
  };
  const boxes = new Map<string, Box>();
  for (const node of nodes.filter(({ id }) => onPath.has(id))) {
    boxes.set(node.id, { node, ...place(columnOf(node.id)), width, height });
  }
  const bars: GraphNode[] = [];
  for (const node of nodes.filter(({ id }) => !onPath.has(id))) {
    const writers = edges.filter(({ to }) => to === node.id);
    const [writer] = writers;
    if (writers.length === 1 && writer)
      boxes.set(node.id, { node, ...place(columnOf(writer.from) + 1), width, height: plainHeight });
    else bars.push(node);
  }
  const columns = Math.max(1, ...[...rows.keys()].map((at) => at + 1));
  const whole = columns * (width + gapX) - gapX;
  let bottom = margin + title + Math.max(1, ...rows.values()) * (height + gapY);
  for (const node of bars) {
    boxes.set(node.id, { node, x: margin, y: bottom, width: whole, height: plainHeight });
    bottom += plainHeight + gapY;
  }
  return { width: whole + 2 * margin, height: bottom - gapY + margin, boxes };
}

const textWidth = ({ label, note, live = [] }: GraphNode): number =>
  Math.max(label.length * letter, ...[note, ...live].map((line) => line.length * letter * 0.85)) + 24;
