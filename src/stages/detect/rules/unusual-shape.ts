import { Reference, referenceNumbers, type Alarm } from '../reference.ts';
import { times, type Row, type Rule } from './rule.ts';
import { openShapes, type Shapes } from './shapes.ts';

export interface UnusualShape {
  readonly res: number;
  readonly settle: number;
  readonly factor: number;
  /** How many rows are one mean: with 8 it costs a fifth, and finds a little less. */
  readonly rowsOfMean: 4 | 8;
}

// Behind the reference's: how many rows of the mean there are and their sum, how many means, and with which the stream began.
const [rows, sum, count, seam] = [0, 1, 2, 3].map((place) => referenceNumbers + place) as [
  number,
  number,
  number,
  number,
];

/**
 * D, unusual shape (online discord): y = means of 4 rows, as float32. With each the window of the last 128 rows is compared with each
 * earlier one that begins 64 to 2,500 rows before it and is not marked: d² = V' + V - 2 cov + 0.1 (μ' - μ)², f = √min d²; floor
 * res / 2. Windows in which it alarms are marked, so that an equal event alarms again. A window over a seam, the stream's begin or a
 * gap, has no score, which counts as 0, and is marked.
 */
export function unusualShape({ res, settle, factor, rowsOfMean }: UnusualShape): Rule {
  const means = (least: number): number => least / rowsOfMean;
  const form = {
    block: means(128),
    settle: Math.ceil(means(settle)),
    hold: Math.floor(means(50)) + 1,
    relearn: Math.round(means(300)),
    factor,
    floor: res / 2,
  };
  const window = means(128);
  const history = Math.floor(means(2_500));
  const kept = history + window;
  const bytes = new ArrayBuffer(8 * (referenceNumbers + 4) + 4 * kept + Math.ceil(kept / 8));
  const numbers = new Float64Array(bytes, 0, referenceNumbers + 4);
  const values = new Float32Array(bytes, numbers.byteLength, kept);
  const marks = new Uint8Array(bytes, numbers.byteLength + values.byteLength);
  const reference = new Reference(form, numbers.subarray(0, referenceNumbers));
  reference.start();
  const get = (place: number): number => numbers[place] ?? 0;
  let shapes: Shapes = openShapes({ window, history, nearest: means(64), values, marks, count: 0 });

  /** The distance of the newest window, 0 where it has none; undefined where no mean is complete. */
  const step = ({ value, gap }: Row): number | undefined => {
    if (gap) {
      numbers.fill(0, rows, count);
      numbers[seam] = get(count);
    }
    numbers[sum] = get(sum) + value;
    numbers[rows] = get(rows) + 1;
    if (get(rows) < rowsOfMean) return undefined;
    shapes.add(get(sum) / rowsOfMean);
    numbers.fill(0, rows, count);
    numbers[count] = get(count) + 1;
    const straddles = get(seam) > 0 && get(count) - get(seam) < window;
    if (!straddles) return shapes.distance();
    shapes.mark();
    return 0;
  };

  return {
    name: 'unusual-shape',
    form: `1 rows=${rowsOfMean}`,
    state: new Uint8Array(bytes),
    restored: () => {
      shapes = openShapes({ window, history, nearest: means(64), values, marks, count: get(count) });
    },
    prime: (all) => {
      // With little before it to compare it with, anything looks unusual.
      const few = Math.min(Math.floor(all.length / rowsOfMean / 2), means(800)) + window;
      for (const row of all) {
        const distance = step(row);
        if (distance !== undefined && get(count) >= few) reference.prime(distance);
      }
      reference.restart();
      numbers.fill(0, rows, count);
      numbers[seam] = get(count);
    },
    judge: (row): Alarm | undefined => {
      const distance = step(row);
      if (distance === undefined) return undefined;
      const alarm = reference.judge(distance);
      if (reference.hasGivenUp) shapes.unmark(means(600));
      else if (reference.isOn) shapes.mark();
      return alarm;
    },
    sentence: ({ ratio, byFloor }) =>
      byFloor
        ? `the last 128 rows look like nothing in the last 2,500: ${times(ratio)} what counts as a difference`
        : `the last 128 rows look like nothing in the last 2,500: ${times(ratio)} the largest difference so far`,
  };
}
