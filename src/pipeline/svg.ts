import type { Graph, GraphEdge } from './graph.ts';
import { layoutOf, liveHeight, type Box } from './layout.ts';

const style = `
  text { font-family: ui-sans-serif, system-ui, sans-serif; text-anchor: middle; fill: #1f2733; }
  .label { font-size: 13px; font-weight: 600; } .note { font-size: 11px; fill: #5a6675; }
  .title { font-size: 16px; font-weight: 600; text-anchor: start; }
  rect { stroke-width: 1.5; } .topic rect { fill: #f3f5f8; stroke: #8b97a6; }
  .stage rect { fill: #dcebff; stroke: #2f6fd0; } .outside rect { fill: #fff; stroke: #8b97a6; stroke-dasharray: 4 3; }
  .main { fill: none; stroke: #2f6fd0; stroke-width: 2; } .side { fill: none; stroke: #9aa4b2; stroke-width: 1.3; stroke-dasharray: 4 3; }
`;

/** A graph as a picture that stands alone. */
export function svgOf(graph: Graph): string {
  const { width, height, boxes } = layoutOf(graph);
  const edges = graph.edges.map((edge) => arrow(edge, boxes.get(edge.from), boxes.get(edge.to)));
  const drawn = [...boxes.values()].map(box);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(graph.title)}</title>
<style>${style}</style>
<defs>${head('main', '#2f6fd0')}${head('side', '#9aa4b2')}</defs>
<rect width="100%" height="100%" fill="#fff"/>
<text class="title" x="20" y="30">${escaped(graph.title)}</text>
${[...edges, ...drawn].join('\n')}
</svg>
`;
}

const head = (kind: string, colour: string) =>
  `<marker id="${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="${colour}"/></marker>`;

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function box({ node, x, y, width, height }: Box): string {
  const middle = x + width / 2;
  const round = node.kind === 'stage' ? 14 : 4;
  const rect = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}"/>`;
  const label = `<text class="label" x="${middle}" y="${y + 21}">${escaped(node.label)}</text>`;
  const note = `<text class="note" x="${middle}" y="${y + 37}">${escaped(node.note)}</text>`;
  const live = (node.live ?? []).map(
    (line, at) =>
      `<text class="note" style="fill: #1f5fbf" x="${middle}" y="${y + 37 + (at + 1) * liveHeight}">${escaped(line)}</text>`,
  );
  return `<g class="${node.kind}">${rect}${label}${note}${live.join('')}</g>`;
}

function arrow({ kind }: GraphEdge, from: Box | undefined, to: Box | undefined): string {
  if (from === undefined || to === undefined) return '';
  return `<path class="${kind}" marker-end="url(#${kind})" d="${kind === 'main' ? across(from, to) : down(from, to)}"/>`;
}

function across(from: Box, to: Box): string {
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

function down(from: Box, to: Box): string {
  const bottom = from.y + from.height;
  if (to.x > from.x) {
    const [x, y] = [from.x + from.width * 0.75, to.y + to.height / 2];
    return `M${x} ${bottom}C${x} ${y} ${x} ${y} ${to.x} ${y}`;
  }
  const x = from.x + from.width / 2;
  return `M${x} ${bottom}L${x} ${to.y}`;
}
