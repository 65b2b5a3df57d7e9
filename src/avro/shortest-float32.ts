/** The number of the fewest digits that is this float32: 0.1, where the float32 as it is would be 0.10000000149011612. */
export function shortestFloat32(number: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(number.toPrecision(digits));
    if (Math.fround(short) === number) return short;
  }
  return Number(number.toPrecision(9));
}
