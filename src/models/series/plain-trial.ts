import type { OnnxModel, OnnxTensor } from '../../embedded/inference-server/onnx.ts';
import { refused, wordsOf } from '../refused.ts';
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
  const ask = (places: number, ...seeds: readonly number[]): Promise<OnnxTensor> =>
    answerOf(onnx, tensors, row * places, places, seeds);
  const answers = (places: number): Promise<unknown> => ask(places, 1, 2);

  const highest = Math.max(1, Math.floor(longest / row));
  const most = dims.includes(-1) ? await firstThat(answers, halvesOf(highest)) : 1;
  const least = await firstThat(answers, [...halvesOf(most)].reverse());
  const both = await ask(most, 1, 2);
  const half = both.data.length / 2;
  for (const [at, seed] of [1, 2].entries()) {
    const alone = [...(await ask(most, seed)).data].map(Number);
    const together = [...both.data].slice(at * half, (at + 1) * half).map(Number);
    if (distance(together, alone) <= tolerance) continue;
    throw refused(
      'what it answers to a series depends on the others of the batch: export it for inference (model.eval() in PyTorch)',
    );
  }
  const { datatype, shape, data } = both;
  const first = [...data].slice(0, Math.min(half, shownNumbers)).map(Number);
  return { least: row * least, most: row * most, answered: { datatype, shape: shape.slice(1), first } };
}

/** 512, 256, … 1: which lengths a model takes can only be tried. */
function* halvesOf(most: number): Iterable<number> {
  for (let length = most; length >= 1; length = Math.floor(length / 2)) yield length;
}

/** The first length that the model answers; where it answers none, what it says to the first of them. */
async function firstThat(answers: (length: number) => Promise<unknown>, lengths: Iterable<number>): Promise<number> {
  let why: unknown;
  for (const length of lengths) {
    try {
      await answers(length);
      return length;
    } catch (thrown) {
      why ??= thrown;
    }
  }
  throw refused(wordsOf(why), why);
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
