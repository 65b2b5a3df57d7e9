const heights = '▁▂▃▄▅▆▇█';
const widest = 64;

export interface Scale {
  readonly least: number;
  readonly most: number;
}

/** From the lowest to the highest of all these. */
export function scaleOf(lines: readonly (readonly number[])[]): Scale {
  const [least, most] = [Math.min, Math.max].map((of) => of(...lines.map((line) => of(...line)))) as [number, number];
  return { least, most };
}

/** A line of numbers as blocks; of more than fit, each block is the highest of its stretch, so that nothing that stands out is lost. */
export function drawn(line: readonly number[], { least, most }: Scale): string {
  const columns = Math.min(line.length, widest);
  const height = (value: number): string => {
    const share = most > least ? (value - least) / (most - least) : 0.5;
    return heights[Math.min(heights.length - 1, Math.floor(share * heights.length))] ?? '';
  };
  return Array.from({ length: columns }, (_, column) => {
    const [from, to] = [column, column + 1].map((at) => Math.floor((at * line.length) / columns));
    return height(Math.max(...line.slice(from, to)));
  }).join('');
}
