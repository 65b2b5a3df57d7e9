import type { Inference, ModelMetadata, Sequences } from '../../src/contract/index.ts';

/** The model of test/support/sequence-server.ts. */
export const sums: ReadonlyMap<string, ModelMetadata> = new Map([
  ['m', { kind: 'summing', form: 'fleet', sensors: 1, state: [1], entities: {} }],
]);
export const zero: Float32Array = Float32Array.of(0);

const never = new AbortController().signal;
let openings = 0;

/** A lane that gives up a request soon, unless told otherwise. */
export const laneOf = (inference: Inference, requestTimeoutMs = 300): Sequences =>
  inference.open(`test.${++openings}`, requestTimeoutMs);

/** Scores numbers of an entity in pieces; answers the scores, and the state to go on from. */
export async function putNumbers(on: Sequences, entity: string, from: Float32Array, ...pieces: number[][]) {
  const run = { entity, model: 'm', place: 0, from, pieces: pieces.map((piece) => Float32Array.from(piece)) };
  const answer = await on.run(run, never);
  return {
    scores: answer.pieces.flatMap(({ score }) => [...score]),
    state: answer.pieces.at(-1)?.state ?? from,
    sequence: answer.sequence,
    version: answer.version,
  };
}
