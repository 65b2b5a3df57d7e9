import type { ReconstructionModel } from '../../contract/index.ts';
import { isSignal, meanOf, rootMeanSquare } from './signal.ts';

/** A part of a series, as the model takes it. */
export interface Window {
  readonly input: Float32Array;
  readonly mask: Float32Array;
  /** The median of its values, and how far they spread; 0 where all are one value. */
  readonly loc: number;
  readonly scale: number;
  /** Its first value's place in the series, and how many values it has. */
  readonly start: number;
  readonly count: number;
}

/** What the model made of a window; both as long as the model's window. */
export interface WindowAnswer {
  readonly reconstruction: Float32Array;
  readonly score: Float32Array;
}

export interface ReconstructionAnswer {
  readonly predictions: readonly number[];
  readonly scores: readonly number[];
  readonly anomaly_score: number;
  readonly anomaly_detected: boolean;
}

/** Makes the median distance from the median the standard deviation, where values are spread normally. */
const normalSpread = 1.4826;

/** Windows that end at the end of the series, and one at its beginning that the next may cover in part; the oldest first. */
export function windowsOf(data: readonly number[], { window }: ReconstructionModel): readonly Window[] {
  const starts = [0];
  for (let start = data.length - window; start > 0; start -= window) starts.splice(1, 0, start);
  return starts.map((start) => windowAt(data.slice(start, start + window), start, window));
}

/** Of a point that two windows share, the newer one's word counts. */
export function reconstructionAnswer(
  data: readonly number[],
  windows: readonly Window[],
  answers: readonly WindowAnswer[],
  { window, threshold }: ReconstructionModel,
): ReconstructionAnswer {
  const predictions = new Array<number>(data.length).fill(NaN);
  const scores = new Array<number>(data.length).fill(NaN);
  windows.forEach(({ loc, scale, start, count }, index) => {
    const answer = answers[index];
    const padding = window - count;
    for (let at = 0; at < count; at++) {
      predictions[start + at] = loc + scale * (answer?.reconstruction[padding + at] ?? NaN);
      scores[start + at] = scale === 0 ? 0 : (answer?.score[padding + at] ?? NaN);
    }
  });
  const anomaly_score = Math.max(...scores);
  return { predictions, scores, anomaly_score, anomaly_detected: anomaly_score > threshold };
}

function windowAt(values: readonly number[], start: number, window: number): Window {
  const loc = median(values);
  const distances = values.map((value) => value - loc);
  const scale = spreadOf(values, distances);
  const padding = window - values.length;
  const input = new Float32Array(window);
  if (scale > 0) distances.forEach((distance, at) => (input[padding + at] = distance / scale));
  return { input, mask: new Float32Array(window).fill(1, padding), loc, scale, start, count: values.length };
}

/** Most values of a window may be one and the same, as of a switch; then what the others are is the spread. */
function spreadOf(values: readonly number[], distances: readonly number[]): number {
  const robust = normalSpread * median(distances.map(Math.abs));
  if (isSignal(robust, values)) return robust;
  const mean = meanOf(distances);
  const deviation = rootMeanSquare(distances.map((distance) => distance - mean));
  return isSignal(deviation, values) ? deviation : 0;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? NaN, sorted[sorted.length >> 1] ?? NaN];
  return low + (high - low) / 2;
}
