import type { Graph, GraphNode } from './graph.ts';

const shapes = { topic: ['[(', ')]'], stage: ['([', '])'], outside: ['[/', '/]'] } as const;

/** A graph in Mermaid's language, as GitHub and many editors draw it. */
export function mermaidOf({ title, nodes, edges }: Graph): string {
  const ids = new Map(nodes.map(({ id }, i) => [id, `n${i}`]));
  const lines = nodes.map((node) => {
    const [open, close] = shapes[node.kind];
    return `  ${ids.get(node.id)}${open}"${label(node)}"${close}`;
  });
  const arrows = edges.map(
    ({ from, to, kind }) => `  ${ids.get(from)} ${kind === 'main' ? '-->' : '-.->'} ${ids.get(to)}`,
  );
  return `---\ntitle: ${title}\n---\nflowchart LR\n${[...lines, ...arrows].join('\n')}\n`;
}

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/"/g, '#quot;').replace(/</g, '&lt;');
const label = ({ label: name, note, live = [] }: GraphNode) =>
  [escaped(name), ...[note, ...live].map((line) => `<small>${escaped(line)}</small>`)].join('<br/>');
