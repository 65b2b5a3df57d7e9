import type { OnnxModel, OnnxTensor } from '../../embedded/inference-server/onnx.ts';
import { refused } from '../refused.ts';
import { telemetryLike } from '../telemetry-like.ts';
import { distance } from './distance.ts';
import type { PlainTensors } from './plain-model.ts';

/** What a model that was asked by way of trial takes and answered. */
export interface Trial {
  /** The fewest and the most numbers of a series; what is between them fills the open length as well. */
  readonly least: number;
  readonly most: number;
  /** To the longest series. */
  readonly answered: {
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly first: readonly number[];
  };
}

/** Of a series whose length is open. */
const longest = 512;
/** How much float32 may differ with the kernels that a batch is computed by. */
const tolerance = 1e-3;
const shownNumbers = 3;

/** Asks the model with made-up series, two at once and each alone: an answer must be numbers, and of one series only. */
export async function tryPlain(onnx: OnnxModel, tensors: PlainTensors): Promise<Trial> {
  const { dims } = tensors.input;
  const row = dims.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const most = dims.includes(-1) ? Math.max(1, Math.floor(longest / row)) : 1;
  const ask = (places: number, seeds: readonly number[]): Promise<OnnxTensor> =>
    answerOf(onnx, tensors, row * places, places, seeds);

  const both = await ask(most, [1, 2]);
  const half = both.data.length / 2;
  for (const [at, seed] of [1, 2].entries()) {
    const alone = [...(await ask(most, [seed])).data].map(Number);
    const together = [...both.data].slice(at * half, (at + 1) * half).map(Number);
    if (distance(together, alone) <= tolerance) continue;
    throw refused(
      'what it answers to a series depends on the others of the batch: export it for inference (model.eval() in PyTorch)',
    );
  }
  let least = most;
  for (let places = 1; places < most && least === most; places *= 2) {
    if (await isAnswered(ask(places, [1, 2]))) least = places;
  }
  const { datatype, shape, data } = both;
  const first = [...data].slice(0, Math.min(half, shownNumbers)).map(Number);
  return { least: row * least, most: row * most, answered: { datatype, shape: shape.slice(1), first } };
}

async function answerOf(
  onnx: OnnxModel,
  { input, output }: PlainTensors,
  numbers: number,
  places: number,
  seeds: readonly number[],
): Promise<OnnxTensor> {
  const series = seeds.flatMap((seed) => [...telemetryLike(numbers, 1, seed)]);
  const fed: OnnxTensor = {
    datatype: input.datatype,
    shape: [seeds.length, ...input.dims.map((length) => (length === -1 ? places : length))],
    data: input.datatype === 'FP32' ? Float32Array.from(series) : Float64Array.from(series),
  };
  const answer = (await onnx.run({ [input.name]: fed }, [output.name]))[output.name];
  if (answer === undefined) throw refused(`it answered no ${output.name}`);
  if (answer.shape[0] !== seeds.length || answer.data.length === 0) {
    throw refused(
      `to ${seeds.length} series it answered ${output.name} as [${answer.shape.join(', ')}]: ` +
        'the first length must be that of the batch, and each series must get something',
    );
  }
  if (![...answer.data].every((number) => Number.isFinite(Number(number)))) {
    throw refused(`to a series of ${numbers} numbers between -1 and 2 it answered what is no finite number`);
  }
  return answer;
}

/** What fails is too short for this model. */
const isAnswered = (ask: Promise<OnnxTensor>): Promise<boolean> =>
  ask.then(
    () => true,
    () => false,
  );
