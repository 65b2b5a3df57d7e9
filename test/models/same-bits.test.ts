/** @jest-environment ./test/models/onnx-environment.mjs */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openOnnx, type OnnxModel } from '../../src/embedded/inference-server/onnx.ts';
import { readModel, type StoredModel } from '../../src/models/repository.ts';
import { nothingKept, scoreRows, zeroState, type Kept } from '../../src/models/rows.ts';
import { telemetryLike } from '../../src/models/telemetry-like.ts';
import { seeded } from '../support/random.ts';
import { repository } from './repository.ts';

const samples = 200;

interface Sequence {
  readonly entity: number;
  readonly values: Float32Array;
}

interface Scored {
  readonly reconstruction: Uint8Array;
  readonly score: Uint8Array;
  readonly state: Uint8Array;
  readonly count: bigint;
}

const bytesOf = (parts: readonly Float32Array[]): Uint8Array =>
  Buffer.concat(parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)));

/** All sequences together from sample `from` on, in runs of as many samples as `cut` says. */
async function scored(
  [onnx, { metadata }]: readonly [OnnxModel, StoredModel],
  sequences: readonly Sequence[],
  cut: () => number,
  { from = 0, initial = zeroState(metadata.state) }: { from?: number; initial?: Float32Array } = {},
): Promise<{ readonly results: readonly Scored[]; readonly states: ReadonlyMap<number, Float32Array> }> {
  const reconstructions = sequences.map((): Float32Array[] => []);
  const scores = sequences.map((): Float32Array[] => []);
  const states = new Map<number, Float32Array>();
  let kept: readonly Kept[] = sequences.map(() => nothingKept(metadata));
  for (let at = from; at < samples;) {
    const to = Math.min(samples, at + cut());
    const rows = sequences.map(({ entity, values }, row) => ({
      entity,
      values: values.subarray(at * metadata.sensors, to * metadata.sensors),
      start: at === from,
      initial,
      kept: kept[row] ?? nothingKept(metadata),
    }));
    const answers = await scoreRows(onnx, metadata, rows);
    answers.forEach(({ reconstruction, score }, row) => {
      reconstructions[row]?.push(reconstruction);
      scores[row]?.push(score);
    });
    kept = answers.map((answer) => answer.kept);
    at = to;
    states.set(at, kept[0]?.state ?? zeroState(metadata.state));
  }
  const results = sequences.map((_, row) => ({
    reconstruction: bytesOf(reconstructions[row] ?? []),
    score: bytesOf(scores[row] ?? []),
    state: bytesOf([kept[row]?.state ?? zeroState(metadata.state)]),
    count: kept[row]?.count ?? -1n,
  }));
  return { results, states };
}

describe.each([
  ['smap_fleet', 54],
  ['smap_D-2', 1],
])('%s gives the same bits', (name, entities) => {
  const random = seeded(1);
  const below = (count: number): number => Math.floor(random() * count);
  const sequences = Array.from({ length: 54 }, (_, index) => ({
    entity: (index * 7) % entities,
    values: telemetryLike(samples, 25, index),
  }));
  const [first, second, third] = [0, 1, 2].map((index) => sequences.slice(index, index + 1));
  const stored = readModel(repository, name);
  let model: readonly [OnnxModel, StoredModel];
  let expected: readonly (Scored | undefined)[];

  beforeAll(async () => {
    model = [await openOnnx(stored.file), stored];
    const alone = [first, second, third].map((sequence = []) => scored(model, sequence, () => 8));
    expected = (await Promise.all(alone)).map(({ results }) => results[0]);
  });
  afterAll(() => model[0].close());

  it.each<[string, () => number]>([
    ['1', () => 1],
    ['2', () => 2],
    ['5', () => 5],
    ['64', () => 64],
    ['200', () => 200],
    ['1 to 70', () => 1 + below(70)],
  ])('when a run holds %s samples', async (_, cut) => {
    for (const [index, sequence = []] of [first, second].entries()) {
      const { results } = await scored(model, sequence, cut);
      expect(results).toEqual([expected[index]]);
      expect(results[0]?.count).toBe(BigInt(samples));
    }
  });

  it.each([2, 3, 8, 16, 54])('when a run holds %i sequences, wherever in it', async (count) => {
    const shift = below(51);
    const rest = sequences.slice(3);
    const others = [...rest.slice(shift), ...rest, ...rest].slice(0, count);
    for (const [index, place] of [...new Set([0, count >> 1, count - 1])].entries()) {
      const together = [...others.slice(0, place), ...sequences.slice(index, index + 1), ...others.slice(place + 1)];
      const { results } = await scored(model, together, () => 1 + below(20));
      expect(results[place]).toEqual(expected[index]);
    }
  });

  it('when a state is put back, at any sample', async () => {
    const { states } = await scored(model, first ?? [], () => 1 + below(20));
    const [whole] = expected;
    for (const [from, initial] of [...states].filter(([at]) => at < samples)) {
      const { results } = await scored(model, first ?? [], () => 5, { from, initial });
      expect(results[0]).toEqual({
        reconstruction: whole?.reconstruction.subarray(from * 25 * 4),
        score: whole?.score.subarray(from * 4),
        state: whole?.state,
        count: BigInt(samples - from),
      });
    }
  });
});
