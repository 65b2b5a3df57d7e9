import type { OnnxModel } from '../embedded/inference-server/onnx.ts';
import type { EntityModel, Scale } from '../contract/model.ts';
import type { Golden } from './golden.ts';
import type { Network } from './network.ts';
import { openReference } from './reference.ts';
import { refused } from './refused.ts';
import { networksOf, type StoredModel } from './repository.ts';
import { nothingKept, scoreRows, zeroState, type Scores } from './rows.ts';
import { telemetryLike } from './telemetry-like.ts';
import { withOnnx } from './with-onnx.ts';

/** How far two ways to score the same samples lie apart: the largest differences. */
export interface Agreement {
  readonly entity: string;
  readonly samples: number;
  readonly reconstruction: number;
  readonly score: number;
  readonly state: number;
  readonly agrees: boolean;
}

/** What a model or a golden file says of samples. */
interface Answer {
  readonly reconstruction: ArrayLike<number>;
  readonly score: ArrayLike<number>;
  readonly state: ArrayLike<number>;
}

/** What float32 may lie away from float64 after hundreds of steps. */
export const tolerance = 2e-6;

const maxRows = 64;
const generatedSamples = 256;
/** How they are cut, so that the state has to go from one run to the next. */
const cuts = [1, 2, 5, 8, 64, 176];

/** The ONNX file in ONNX Runtime against the float64 reference, on generated telemetry, for every entity of the model. */
export async function checkModel(stored: StoredModel): Promise<readonly Agreement[]> {
  const { name, metadata, file } = stored;
  const networks = networksOf(stored);
  for (const [entity, { hash }] of networks) {
    if (hash !== metadata.entities[entity]?.weights) {
      throw refused(`model ${name}: the weights of ${entity} in model.onnx are not those that metadata.json names`);
    }
  }
  return withOnnx(file, async (onnx) => {
    const agreements: Agreement[] = [];
    const entities = [...networks.keys()];
    for (let from = 0; from < entities.length; from += maxRows) {
      const part = entities.slice(from, from + maxRows).map((entity) => {
        const values = telemetryLike(generatedSamples, metadata.sensors, metadata.entities[entity]?.index ?? 0);
        return { entity, values };
      });
      const answers = await inOnnx(onnx, stored, part);
      part.forEach(({ entity, values }, row) => {
        const [network, answer] = [networks.get(entity), answers[row]];
        if (network === undefined || answer === undefined) return;
        agreements.push(agreement(entity, answer, byReference(network, values)));
      });
    }
    return agreements;
  });
}

/** The ONNX file, and how it is fed, against what PyTorch made of the same samples. */
export async function checkGolden(stored: StoredModel, golden: Golden): Promise<Agreement> {
  const { entity, values } = golden;
  const model = stored.metadata.entities[entity];
  if (model === undefined) throw refused(`model ${stored.name} has no entity ${entity}`);
  const normalised = normalise(model, values);
  const furthest = furthestApart(normalised, golden.normalised);
  if (furthest > tolerance) {
    throw refused(
      `model ${stored.name}: ${entity} is normalised in another way than in the golden file (by ${furthest})`,
    );
  }
  return withOnnx(stored.file, async (onnx) => {
    const [answer] = await inOnnx(onnx, stored, [{ entity, values: normalised }]);
    if (answer === undefined) throw refused(`model ${stored.name} answered nothing for ${entity}`);
    return agreement(entity, answer, golden);
  });
}

export function normalise({ normalisation }: EntityModel, values: ArrayLike<number>): Float32Array {
  const scaled = (value: number, scale: Scale | null | undefined): number =>
    scale ? Math.min(Math.max((value - scale.min) / scale.range, scale.clip[0]), scale.clip[1]) : value;
  return Float32Array.from(values, (value, index) => scaled(value, normalisation[index % normalisation.length]));
}

export function byReference(network: Network, values: Float32Array): Answer {
  const { sensors } = network;
  const reference = openReference(network);
  const scored = Array.from({ length: values.length / sensors }, (_, sample) =>
    reference.next(values.subarray(sample * sensors, (sample + 1) * sensors)),
  );
  return {
    reconstruction: scored.flatMap(({ reconstruction }) => [...reconstruction]),
    score: scored.map(({ score }) => score),
    state: reference.state.flatMap((layer) => [...layer]),
  };
}

async function inOnnx(
  onnx: OnnxModel,
  { metadata }: StoredModel,
  sequences: readonly { entity: string; values: Float32Array }[],
): Promise<readonly Answer[]> {
  const samples = (sequences[0]?.values.length ?? 0) / metadata.sensors;
  const runs: (readonly Scores[])[] = [];
  let at = 0;
  for (let turn = 0; at < samples; turn++) {
    const count = Math.min(cuts[turn % cuts.length] ?? 1, samples - at);
    const before = runs.at(-1);
    const rows = sequences.map(({ entity, values }, row) => ({
      entity: metadata.entities[entity]?.index ?? 0,
      values: values.subarray(at * metadata.sensors, (at + count) * metadata.sensors),
      start: before === undefined,
      initial: zeroState(metadata.state),
      kept: before?.[row]?.kept ?? nothingKept(metadata),
    }));
    runs.push(await scoreRows(onnx, metadata, rows));
    at += count;
  }
  return sequences.map((_, row) => ({
    reconstruction: runs.flatMap((run) => [...(run[row]?.reconstruction ?? [])]),
    score: runs.flatMap((run) => [...(run[row]?.score ?? [])]),
    state: runs.at(-1)?.[row]?.kept.state ?? [],
  }));
}

function agreement(entity: string, one: Answer, other: Answer): Agreement {
  const reconstruction = furthestApart(one.reconstruction, other.reconstruction);
  const score = furthestApart(one.score, other.score);
  const state = furthestApart(one.state, other.state);
  // Not the other way round: what cannot be compared is NaN, and does not agree.
  const agrees = Math.max(reconstruction, score, state) <= tolerance;
  return { entity, samples: one.score.length, reconstruction, score, state, agrees };
}

function furthestApart(one: ArrayLike<number>, other: ArrayLike<number>): number {
  if (one.length !== other.length) return NaN;
  return Array.from(one).reduce((most, value, index) => Math.max(most, Math.abs(value - (other[index] ?? NaN))), 0);
}
