import type { PlainModel } from '../../contract/model.ts';
import type { DeclaredTensor, OnnxModel } from '../../embedded/inference-server/onnx.ts';
import { refused } from '../refused.ts';
import type { JobTensor } from './job-config.ts';

/** The one input of a model and the one of its outputs that is the answer; both without the batch. */
export interface PlainTensors {
  readonly input: JobTensor & { readonly datatype: PlainModel['datatype'] };
  readonly output: JobTensor;
}

const numberTypes = ['FP32', 'FP64'];

/** What a model of any making takes and answers; refused where a series cannot be its input, or numbers not its answer. */
export function plainTensors({ inputs, outputs }: OnnxModel, wanted?: string): PlainTensors {
  const [input, ...more] = inputs;
  if (input === undefined) throw refused('the model takes no input: there is nothing to give it a series by');
  if (more.length > 0) {
    throw refused(
      `the model takes ${inputs.length} inputs (${namesOf(inputs)}): a series is one; ` +
        'join them in the model, or make those that never change constants of it',
    );
  }
  const output = wanted === undefined ? outputs[0] : outputs.find(({ name }) => name === wanted);
  if (output === undefined) throw refused(`the model has no output ${wanted ?? ''}: it answers ${namesOf(outputs)}`);
  return { input: { ...inputOf(input), datatype: input.datatype as PlainModel['datatype'] }, output: outputOf(output) };
}

function inputOf(input: DeclaredTensor): JobTensor {
  const what = `input ${input.name}`;
  if (!numberTypes.includes(input.datatype)) {
    throw refused(`${what} is of type ${input.datatype}: a series is FP32 or FP64; put a Cast before it in the model`);
  }
  const dims = withoutBatch(what, input);
  const open = dims.filter((length) => length === -1).length;
  if (open > 1) {
    throw refused(
      `${what} has ${open} open lengths beside the batch, ${shown(input)}: how a series fills them cannot be known; ` +
        'export the model with all but one of them fixed',
    );
  }
  if (dims.includes(0)) throw refused(`${what} has a length of 0, ${shown(input)}: no series fits it`);
  return { ...input, dims };
}

function outputOf(output: DeclaredTensor): JobTensor {
  const what = `output ${output.name}`;
  if (!numberTypes.includes(output.datatype)) {
    throw refused(
      `${what} is of type ${output.datatype}: an answer is FP32 or FP64; ` +
        'put a Cast behind it in the model, or choose another with --output',
    );
  }
  return { ...output, dims: withoutBatch(what, output) };
}

function withoutBatch(what: string, tensor: DeclaredTensor): readonly number[] {
  const [batch, ...dims] = tensor.shape.map((length) => (typeof length === 'number' && length >= 0 ? length : -1));
  if (batch === -1 && dims.length > 0) return dims;
  const why =
    batch === -1
      ? 'the batch is its only dimension: give it one more, with a Reshape to [-1, 1]'
      : 'it has no batch dimension: export the model with an open first length (dynamic_axes in torch.onnx.export)';
  throw refused(`${what} is ${shown(tensor)}: ${why}`);
}

const shown = ({ shape }: DeclaredTensor): string =>
  `[${shape.map((length) => (length === '' ? '?' : length)).join(', ')}]`;

const namesOf = (tensors: readonly DeclaredTensor[]): string => tensors.map(({ name }) => name).join(', ');
