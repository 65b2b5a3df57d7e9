import type { Inference, ModelMetadata, Run, RunAnswer, Scored } from '../../src/contract/index.ts';
import { DownlinkError } from '../../src/errors.ts';

/** A model whose state is the sum of all it has seen, and whose score is that sum: what went in before is never forgotten. */
export const summing = (entities: readonly string[], sensors: number, weights = 'w1'): ModelMetadata => ({
  kind: 'summing',
  form: 'fleet',
  sensors,
  state: [1],
  entities: Object.fromEntries(
    entities.map((name, index) => [
      name,
      { index, weights, threshold: 10, normalisation: Array.from({ length: sensors }, () => null) },
    ]),
  ),
});

export interface SummingInference extends Inference {
  readonly runs: readonly Run[];
  /** The next run fails with this. */
  failNext(error: DownlinkError): void;
}

/** Values above 1,000 give no number, and leave the state without one. */
export function openSumming(metadata: ModelMetadata): SummingInference {
  const runs: Run[] = [];
  let failure: DownlinkError | undefined;
  let sequences = 0;
  const step = (state: number, piece: Float32Array): { readonly scored: Scored; readonly state: number } => {
    const samples = piece.length / metadata.sensors;
    const score = new Float32Array(samples);
    let sum = state;
    for (let sample = 0; sample < samples; sample++) {
      for (let sensor = 0; sensor < metadata.sensors; sensor++) {
        const value = piece[sample * metadata.sensors + sensor] ?? 0;
        sum = Math.fround(sum + (Math.abs(value) > 1_000 ? Number.NaN : value));
      }
      score[sample] = sum;
    }
    return { scored: { score, reconstruction: piece.slice(), state: Float32Array.of(sum) }, state: sum };
  };
  const run = (asked: Run): Promise<RunAnswer> => {
    runs.push(asked);
    const thrown = failure;
    failure = undefined;
    if (thrown !== undefined) return Promise.reject(thrown);
    let state = asked.from[0] ?? 0;
    const pieces = asked.pieces.map((piece) => {
      const done = step(state, piece);
      state = done.state;
      return done.scored;
    });
    return Promise.resolve({ pieces, sequence: `s${++sequences}`, version: '1' });
  };
  return {
    runs,
    failNext: (error) => {
      failure = error;
    },
    metadata: () => metadata,
    jobModel: (model) => {
      throw new DownlinkError('model-unusable', `${model} takes no jobs`);
    },
    ask: () => Promise.reject(new DownlinkError('model-unusable', 'there is no model without state here')),
    open: () => ({ run, close: () => Promise.resolve() }),
  };
}
