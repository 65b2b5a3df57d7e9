import { sizes, isDatatype } from '../../../kserve/datatypes.ts';
import { Refusal } from '../../../kserve/status.ts';
import { datatypeOf, dimsOf, type InputConfig, type ModelConfig } from '../config/model-config.ts';
import type { Loaded, TensorInfo } from '../execution/protocol.ts';
import { controlsOf, type ControlPlan } from './controls.ts';
import { initialStateFault } from './states.ts';
import { namesOfRuntime, typeNames } from './type-names.ts';

const shape = (dims: readonly number[]): string => `[${dims.join(',')}]`;
const invalid = (message: string): Refusal => new Refusal('INVALID_ARGUMENT', message);

/** Whether a model file is what its configuration says, in the words of Triton's ONNX backend; undefined: it is. */
export function mismatch(config: ModelConfig, file: Loaded): Refusal | undefined {
  for (const found of mismatches(config, file)) return found;
  return undefined;
}

function* mismatches(config: ModelConfig, file: Loaded): Iterable<Refusal> {
  const { name: model = '', max_batch_size: most = 0 } = config;
  const { state: states = [], control_input: controlInputs = [] } = config.sequence_batching ?? {};
  const initial = initialStateFault(states);
  if (initial !== undefined) yield invalid(initial);
  const inputs = new Map(file.inputs.map((tensor) => [tensor.name, tensor]));
  const outputs = new Map(file.outputs.map((tensor) => [tensor.name, tensor]));
  const controls = controlsOf(controlInputs);
  for (const control of controls) yield* controlMismatches(model, control, inputs, most > 0);
  const required = (config.input ?? []).filter(({ optional = false }) => !optional).length;
  const expected = required + controls.length + states.length;
  if (expected !== file.inputs.length) {
    yield invalid(
      `unable to load model '${model}', configuration expects ${expected} inputs, model provides ${file.inputs.length}`,
    );
  }
  for (const input of config.input ?? []) {
    if (input.optional === true) {
      yield invalid(
        most > 0
          ? `optional input '${input.name ?? ''}' is not supported for models that support batching`
          : `optional input '${input.name ?? ''}' is not supported by this server`,
      );
    }
    yield* tensorMismatches(model, most, input, inputs, 'input');
  }
  for (const output of config.output ?? []) yield* tensorMismatches(model, most, output, outputs, 'output');
  for (const { input_name: name = '', dims, data_type: type } of states) {
    const datatype = datatypeOf(type);
    if (dimsOf(dims).includes(-1)) yield invalid(`state '${name}' of variable size is not supported by this server`);
    if (!isDatatype(datatype) || sizes[datatype] === 0) {
      yield invalid(`state '${name}' of type ${type ?? 'TYPE_INVALID'} is not supported by this server`);
    }
  }
}

function* controlMismatches(
  model: string,
  { name, datatype }: ControlPlan,
  inputs: ReadonlyMap<string, TensorInfo>,
  batches: boolean,
): Iterable<Refusal> {
  const found = inputs.get(name);
  if (found === undefined) {
    yield new Refusal(
      'INTERNAL',
      `configuration specified sequence control '${name}', but model does not provide that input`,
    );
    return;
  }
  const own = batches ? found.dims.slice(1) : found.dims;
  if (own.length !== 1 || own[0] !== 1) {
    yield invalid(
      `unable to load model '${model}', sequence control '${name}' in model has dims ${shape(found.dims)} but dims [1] is expected`,
    );
  }
  const type = namesOfRuntime(found.type);
  if (type?.config !== typeNames[datatype].config) {
    yield invalid(
      `unable to load model '${model}', sequence control '${name}', the model expects data-type ${type?.onnx ?? 'UNDEFINED'} but the model configuration specifies data-type ${typeNames[datatype].config}`,
    );
  }
}

function* tensorMismatches(
  model: string,
  most: number,
  { name = '', data_type: type, dims }: InputConfig,
  tensors: ReadonlyMap<string, TensorInfo>,
  kind: 'input' | 'output',
): Iterable<Refusal> {
  const found = tensors.get(name);
  if (found === undefined) {
    const allowed = [...tensors.keys()].sort().join(', ');
    yield invalid(`unexpected inference ${kind} '${name}', allowed ${kind}s are: ${allowed}`);
    return;
  }
  const names = namesOfRuntime(found.type);
  if (names === undefined) yield invalid(`unsupported datatype for ${kind} '${name}' for model '${model}'`);
  else if (names.config !== type) {
    yield invalid(
      `unable to load model '${model}', configuration expects datatype ${type ?? 'TYPE_INVALID'} for ${kind} '${name}', model provides ${names.config}`,
    );
  }
  yield* dimsMismatches(model, name, found.dims, dimsOf(dims), most > 0);
}

function* dimsMismatches(
  model: string,
  name: string,
  file: readonly number[],
  dims: readonly number[],
  batches: boolean,
): Iterable<Refusal> {
  const tensor = `model '${model}', tensor '${name}'`;
  if (batches && file[0] !== -1) {
    yield invalid(
      `${tensor}: for the model to support batching the shape should have at least 1 dimension and the first dimension must be -1; but shape expected by the model is ${shape(file)}`,
    );
  }
  const full = batches ? [-1, ...dims] : dims;
  const fits =
    full.length === file.length && full.every((length, at) => length === -1 || file[at] === -1 || length === file[at]);
  if (fits) return;
  const [modelSide, configSide] = [
    `the model expects ${file.length} dimensions (shape ${shape(file)})`,
    `the model configuration specifies ${full.length} dimensions`,
  ];
  yield invalid(
    batches
      ? `${tensor}: ${modelSide} but ${configSide} (an initial batch dimension because max_batch_size > 0 followed by the explicit tensor shape, making complete shape ${shape(full)})`
      : `${tensor}: ${modelSide} but ${configSide} (shape ${shape(full)})`,
  );
}
