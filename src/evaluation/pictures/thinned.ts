export type Point = readonly [row: number, value: number];

/**
 * A column in as many pieces as a picture has places: of each the smallest and the largest value, in their order, so that no
 * spike is lost. A piece without any finite value ends the line; the next begins another.
 */
export function thinned(values: ArrayLike<number>, pieces: number): readonly (readonly Point[])[] {
  const lines: Point[][] = [];
  let line: Point[] | undefined;
  const rowsEach = Math.max(1, values.length / pieces);
  for (let from = 0; from < values.length; from += rowsEach) {
    const extremes = extremesOf(values, Math.floor(from), Math.min(values.length, Math.floor(from + rowsEach)));
    if (extremes.length === 0) line = undefined;
    else if (line === undefined) lines.push((line = [...extremes]));
    else line.push(...extremes);
  }
  return lines;
}

function extremesOf(values: ArrayLike<number>, from: number, to: number): readonly Point[] {
  let [least, most]: [Point | undefined, Point | undefined] = [undefined, undefined];
  for (let row = from; row < to; row++) {
    const value = values[row] ?? NaN;
    if (!Number.isFinite(value)) continue;
    if (least === undefined || value < least[1]) least = [row, value];
    if (most === undefined || value > most[1]) most = [row, value];
  }
  if (least === undefined || most === undefined) return [];
  if (least[1] === most[1]) return [least];
  return least[0] < most[0] ? [least, most] : [most, least];
}
