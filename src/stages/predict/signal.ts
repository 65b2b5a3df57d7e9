/** What is smaller than this part of the largest value is the rounding of a constant or straight series. */
const rounding = 1e-9;

/** Whether what varies in a series by so much is more than rounding. */
export const isSignal = (size: number, values: readonly number[]): boolean => size > rounding * largestOf(values);

/** Of parts of the largest, whose squares neither overflow nor vanish. */
export function rootMeanSquare(numbers: readonly number[]): number {
  const most = largestOf(numbers);
  return most === 0 ? 0 : most * Math.sqrt(meanOf(numbers.map((number) => (number / most) ** 2)));
}

export const meanOf = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0) / numbers.length;

const largestOf = (numbers: readonly number[]): number =>
  numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
