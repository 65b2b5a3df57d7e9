import type { Records, Rejection, Scored, Sequences } from '../../contract/index.ts';
import type { Progress, Scoring } from './entity.ts';
import { normalise } from './normalise.ts';
import { placeOf, withNext, type Order } from './order.ts';
import { piecesOf } from './pieces.ts';

type Scores = Records['scores'];

/** One sample that waits to be scored, and where it came from. */
export interface Waiting {
  /** The places of its record in the batch, and of the sample in the record. */
  readonly record: number;
  readonly sample: number;
  /** The source's number; without one it gets the next. */
  readonly index: number | undefined;
  readonly timestamp: number;
  readonly values: Float32Array;
}

export interface ScoredEntity {
  readonly progress: Progress;
  readonly scores: readonly Scores[];
  readonly refusals: readonly (Omit<Rejection, 'samples'> & { readonly sample: number })[];
}

interface Accepted extends Waiting {
  readonly index: number;
  readonly gap: boolean;
  /** With it. */
  readonly order: Order;
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
  waiting: readonly Waiting[],
  { sequences, late, signal }: { sequences: Sequences; late: 'dead-letter' | 'drop'; signal: AbortSignal },
): Promise<ScoredEntity> {
  const refusals: (Omit<Rejection, 'samples'> & { readonly sample: number })[] = [];
  const scores: Scores[] = [];
  let progress = from;
  let rest = waiting;
  while (rest.length > 0) {
    const { accepted, tooLate } = judged(progress.order, rest);
    const run = accepted.length === 0 ? undefined : await runOf(scoring, progress, accepted, sequences, signal);
    const bad = run?.bad === undefined ? undefined : accepted[run.bad];
    // What stands behind a sample that is taken out is judged again.
    const until = bad === undefined ? rest.length : rest.findIndex((one) => isSame(one, bad));
    for (const { at, index } of late === 'drop' ? [] : tooLate) {
      const one = rest[at];
      if (one === undefined || at > until) continue;
      const detail = `sample ${index} of ${scoring.key} comes when later ones are scored`;
      refusals.push({ record: one.record, sample: one.sample, code: 'sample-late', detail });
    }
    if (run !== undefined) {
      progress = run.progress;
      scores.push(...run.scores);
    }
    if (bad === undefined) break;
    const detail = `the answer to sample ${bad.index} of ${scoring.key} is no finite number`;
    refusals.push({ record: bad.record, sample: bad.sample, code: 'score-not-finite', detail });
    rest = rest.slice(until + 1);
  }
  return { progress, scores, refusals };
}

const isSame = (a: Waiting, b: Waiting): boolean => a.record === b.record && a.sample === b.sample;

function judged(
  before: Order | undefined,
  waiting: readonly Waiting[],
): {
  readonly accepted: readonly Accepted[];
  readonly tooLate: readonly { readonly at: number; readonly index: number }[];
} {
  const accepted: Accepted[] = [];
  const tooLate: { at: number; index: number }[] = [];
  let order = before;
  for (const [at, one] of waiting.entries()) {
    const index = one.index ?? (order === undefined ? 0 : order.last + 1);
    const place = placeOf(order, index);
    if (place === 'late') tooLate.push({ at, index });
    if (place === 'late' || place === 'duplicate') continue;
    order = withNext(order, index);
    accepted.push({ ...one, index, gap: place === 'gap', order });
  }
  return { accepted, tooLate };
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
  accepted: readonly Accepted[],
  sequences: Sequences,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { sensors, model, key, entity } = scoring;
  const raw = new Float32Array(accepted.length * sensors);
  for (const [at, { values }] of accepted.entries()) raw.set(values, at * sensors);
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
  const count = bad?.sample ?? accepted.length;
  const last = accepted[count - 1];
  const progress: Progress = {
    state: good.at(-1)?.state ?? from.state,
    steps: from.steps + count,
    order: last?.order ?? from.order,
    lastTimestamp: last?.timestamp ?? from.lastTimestamp,
    numbered: from.numbered,
    warmingLeft: Math.max(0, from.warmingLeft - count),
    sequence,
  };
  const columns = { raw, normalised, answers: good, version: answer.version };
  return { progress, scores: scoresOf(scoring, from, accepted.slice(0, count), columns), bad: bad?.sample };
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
  from: Progress,
  samples: readonly Accepted[],
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
  for (let at = 0; at < samples.length; at += mostSamples) {
    const some = samples.slice(at, at + mostSamples);
    const [first, end] = [at * sensors, (at + some.length) * sensors];
    const warming = some.map((_, place) => at + place < from.warmingLeft);
    const part = score.subarray(at, at + some.length);
    records.push({
      satellite_id: entity.satellite,
      entity: entity.name,
      model: entity.model,
      model_version: columns.version,
      weights: model.weights,
      indices: some.map(({ index }) => index),
      timestamps: some.map(({ timestamp }) => timestamp),
      values: columns.raw.subarray(first, end),
      normalised: columns.normalised.subarray(first, end),
      reconstruction: reconstruction.subarray(first, end),
      score: part,
      threshold,
      detected: warming.map((isWarming, place) => !isWarming && (part[place] ?? 0) > threshold),
      warming,
      gap: some.map(({ gap }) => gap),
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
