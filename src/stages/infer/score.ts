import type { Records, Rejection, Scored, Sequences } from '../../contract/index.ts';
import { judged, orderAfter, valuesOf, type Accepted } from './accepted.ts';
import type { Progress, Scoring } from './entity.ts';
import { normalise } from './normalise.ts';
import { piecesOf } from './pieces.ts';
import type { Waiting } from './waiting.ts';

type Scores = Records['scores'];

export interface ScoredEntity {
  readonly progress: Progress;
  readonly scores: readonly Scores[];
  readonly refusals: readonly (Omit<Rejection, 'samples'> & { readonly sample: number })[];
}

/** A record of scores is not made longer than that, however much there is. */
const mostSamples = 256;

/**
 * Scores what a batch holds of one entity. A sample whose answer is no number is taken out, and those behind it are judged
 * and scored as if it had never come.
 */
export async function scoreEntity(
  scoring: Scoring,
  from: Progress,
  waiting: Waiting,
  { sequences, late, signal }: { sequences: Sequences; late: 'dead-letter' | 'drop'; signal: AbortSignal },
): Promise<ScoredEntity> {
  const refusals: (Omit<Rejection, 'samples'> & { readonly sample: number })[] = [];
  const refuse = (at: number, code: Rejection['code'], detail: string): void => {
    refusals.push({ record: waiting.record[at] ?? 0, sample: waiting.sample[at] ?? 0, code, detail });
  };
  const scores: Scores[] = [];
  let progress = from;
  for (let first = 0; first < waiting.count;) {
    const { accepted, tooLate } = judged(progress.order, waiting, first);
    const run = accepted.count === 0 ? undefined : await runOf(scoring, progress, waiting, accepted, sequences, signal);
    // What stands behind a sample that is taken out is judged again.
    const bad = run?.bad === undefined ? undefined : (accepted.at[run.bad] ?? 0);
    for (const { at, index } of late === 'drop' ? [] : tooLate) {
      if (bad !== undefined && at > bad) continue;
      refuse(at, 'sample-late', `sample ${index} of ${scoring.key} comes when later ones are scored`);
    }
    if (run !== undefined) {
      progress = run.progress;
      scores.push(...run.scores);
    }
    if (bad === undefined) break;
    const index = accepted.index[run?.bad ?? 0];
    refuse(bad, 'score-not-finite', `the answer to sample ${index} of ${scoring.key} is no finite number`);
    first = bad + 1;
  }
  return { progress, scores, refusals };
}

interface RunOutcome {
  readonly progress: Progress;
  readonly scores: readonly Scores[];
  /** The place of the first sample whose answer is no number. */
  readonly bad: number | undefined;
}

async function runOf(
  scoring: Scoring,
  from: Progress,
  waiting: Waiting,
  accepted: Accepted,
  sequences: Sequences,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { sensors, model, key, entity } = scoring;
  const raw = valuesOf(waiting, accepted, sensors);
  const normalised = new Float32Array(raw.length);
  normalise(model.normalisation, raw, normalised);
  const ask = (state: Float32Array, values: Float32Array, left: string) =>
    sequences.run(
      {
        entity: key,
        model: entity.model,
        place: model.index,
        from: state,
        pieces: piecesOf(values, sensors),
        ...(left === '' ? {} : { left }),
      },
      signal,
    );
  const answer = await ask(from.state, normalised, from.sequence);
  let { sequence } = answer;
  let good: Scored[] = [...answer.pieces];
  const bad = firstBad(answer.pieces, sensors);
  if (bad !== undefined) {
    // Of the piece that holds it the samples before it are run again: only so the state before it is known.
    good = good.slice(0, bad.piece);
    const state = good.at(-1)?.state ?? from.state;
    const before = normalised.subarray((bad.sample - bad.inPiece) * sensors, bad.sample * sensors);
    if (before.length > 0) {
      const again = await ask(state, before, sequence);
      good.push(...again.pieces);
      sequence = again.sequence;
    }
  }
  const count = bad?.sample ?? accepted.count;
  const last = accepted.at[count - 1];
  const progress: Progress = {
    state: good.at(-1)?.state ?? from.state,
    steps: from.steps + count,
    order: orderAfter(from.order, accepted, count),
    lastTimestamp: last === undefined || count === 0 ? from.lastTimestamp : (waiting.timestamp[last] ?? NaN),
    numbered: from.numbered,
    warmingLeft: Math.max(0, from.warmingLeft - count),
    sequence,
  };
  const columns = { raw, normalised, answers: good, version: answer.version };
  return { progress, scores: scoresOf(scoring, from, waiting, { ...accepted, count }, columns), bad: bad?.sample };
}

function firstBad(
  pieces: readonly Scored[],
  sensors: number,
): { readonly piece: number; readonly inPiece: number; readonly sample: number } | undefined {
  let before = 0;
  for (const [piece, { score, reconstruction, state }] of pieces.entries()) {
    let inPiece = score.findIndex(
      (one, at) => !Number.isFinite(one) || !isFinite(reconstruction, at * sensors, sensors),
    );
    // The sample after the one that spoiled the state would have no finite score: so it was the last.
    if (inPiece < 0 && !isFinite(state, 0, state.length)) inPiece = score.length - 1;
    if (inPiece >= 0) return { piece, inPiece, sample: before + inPiece };
    before += score.length;
  }
  return undefined;
}

function isFinite(values: Float32Array, from: number, count: number): boolean {
  // A sum is no number as soon as one of its parts is none.
  let sum = 0;
  for (let at = from; at < from + count; at++) sum += (values[at] ?? 0) * 0;
  return sum === 0;
}

function scoresOf(
  { entity, model, sensors, threshold }: Scoring,
  { warmingLeft }: Progress,
  { timestamp }: Waiting,
  { count, at, index, gap }: Accepted,
  columns: {
    readonly raw: Float32Array;
    readonly normalised: Float32Array;
    readonly answers: readonly Scored[];
    readonly version: string;
  },
): readonly Scores[] {
  const score = joined(columns.answers.map((one) => one.score));
  const reconstruction = joined(columns.answers.map((one) => one.reconstruction));
  const records: Scores[] = [];
  for (let from = 0; from < count; from += mostSamples) {
    const to = Math.min(count, from + mostSamples);
    const [first, end] = [from * sensors, to * sensors];
    const [indices, timestamps, detected, warming, gaps] = [
      new Array<number>(to - from),
      new Array<number>(to - from),
      new Array<boolean>(to - from),
      new Array<boolean>(to - from),
      new Array<boolean>(to - from),
    ];
    for (let one = from; one < to; one++) {
      const place = one - from;
      indices[place] = index[one] ?? NaN;
      timestamps[place] = timestamp[at[one] ?? 0] ?? NaN;
      warming[place] = one < warmingLeft;
      detected[place] = one >= warmingLeft && (score[one] ?? 0) > threshold;
      gaps[place] = gap[one] === 1;
    }
    records.push({
      satellite_id: entity.satellite,
      entity: entity.name,
      model: entity.model,
      model_version: columns.version,
      weights: model.weights,
      indices,
      timestamps,
      values: columns.raw.subarray(first, end),
      normalised: columns.normalised.subarray(first, end),
      reconstruction: reconstruction.subarray(first, end),
      score: score.subarray(from, to),
      threshold,
      detected,
      warming,
      gap: gaps,
    });
  }
  return records;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
