import { arrayOver, bytesOf, type Fixed } from '../kserve/datatypes.ts';
import type { InferInput, InferRequest, InferResponse, Parameter, Parameters } from '../kserve/infer.ts';
import { noParameters } from '../kserve/parts.ts';
import { Failure } from './failure.ts';

/** What the requests of one model have in common. */
export interface StepForm {
  readonly model: string;
  readonly sensors: number;
  /** The shape of the state, without the batch. */
  readonly state: readonly number[];
  /** Whether the model wants to be told the entity. */
  readonly fleet: boolean;
}

export interface Step {
  readonly id: string;
  /** Those of its sequence. */
  readonly parameters: Parameters;
  readonly start: boolean;
  readonly end?: boolean;
  readonly place: number;
  readonly initial: Float32Array;
  readonly values: Float32Array;
}

export interface StepAnswer {
  readonly score: Float32Array;
  readonly reconstruction: Float32Array;
  readonly state: Float32Array;
  /** How many samples the sequence has seen since its start. */
  readonly steps: number;
  readonly version: string;
}

const truth: Parameter = { kind: 'bool', value: true };

/** Requests of one length differ in nothing but their bytes, so what describes them is made once. */
const described = new WeakMap<StepForm, Map<number, readonly InferInput[]>>();

function inputsOf(form: StepForm, samples: number): readonly InferInput[] {
  let ofForm = described.get(form);
  if (ofForm === undefined) described.set(form, (ofForm = new Map<number, readonly InferInput[]>()));
  let inputs = ofForm.get(samples);
  if (inputs === undefined) {
    const input = (name: string, datatype: string, shape: readonly number[]) => ({
      name,
      datatype,
      shape,
      parameters: noParameters,
    });
    inputs = [
      input('values', 'FP32', [1, samples, form.sensors]),
      input('h_init', 'FP32', [1, ...form.state]),
      ...(form.fleet ? [input('entity', 'INT64', [1, 1])] : []),
    ];
    ofForm.set(samples, inputs);
  }
  return inputs;
}

const places = new Map<number, Uint8Array>();

function bytesOfPlace(place: number): Uint8Array {
  let bytes = places.get(place);
  if (bytes === undefined) places.set(place, (bytes = bytesOf(BigInt64Array.of(BigInt(place)))));
  return bytes;
}

/** The parameters of all requests of a sequence but its first and last. */
export const parametersOf = (sequence: string): Parameters =>
  new Map<string, Parameter>([['sequence_id', { kind: 'string', value: sequence }]]);

export function requestOf(form: StepForm, step: Step): InferRequest {
  const { id, parameters, start, end = false, place, initial, values } = step;
  const raw = [bytesOf(values), bytesOf(initial)];
  if (form.fleet) raw.push(bytesOfPlace(place));
  return {
    model: form.model,
    version: '',
    id,
    parameters: start || end ? marked(parameters, start, end) : parameters,
    inputs: inputsOf(form, values.length / form.sensors),
    outputs: noOutputs,
    raw,
  };
}

const noOutputs: InferRequest['outputs'] = [];

function marked(parameters: Parameters, start: boolean, end: boolean): Parameters {
  const all = new Map(parameters);
  if (start) all.set('sequence_start', truth);
  if (end) all.set('sequence_end', truth);
  return all;
}

/** Fails as `lost` where the answer proves that the sequence is not where it has to be. */
export function answerOf(form: StepForm, { values }: Step, stepsBefore: number, response: InferResponse): StepAnswer {
  const samples = values.length / form.sensors;
  const stateSize = form.state.reduce((product, length) => product * length, 1);
  const [n] = tensor(response, 'n_out', 'INT64', 1);
  const steps = Number(n);
  if (steps !== stepsBefore + samples)
    throw new Failure('lost', `the sequence has seen ${steps} samples, and ${stepsBefore + samples} were sent`);
  return {
    score: tensor(response, 'score', 'FP32', samples),
    reconstruction: tensor(response, 'reconstruction', 'FP32', values.length),
    // It is kept for long, and must not keep all that came with it.
    state: tensor(response, 'h_out', 'FP32', stateSize).slice(),
    steps,
    version: response.version,
  };
}

function tensor<D extends Fixed>({ outputs, model }: InferResponse, name: string, datatype: D, elements: number) {
  const found = outputs.find((one) => one.name === name);
  if (found?.datatype !== datatype)
    throw new Failure('refused', `${model} answers ${name} as ${found?.datatype ?? 'nothing'}, not ${datatype}`);
  const array = arrayOver(datatype, found.bytes);
  if (array.length !== elements)
    throw new Failure('refused', `${model} answers ${name} with ${array.length} elements, not ${elements}`);
  return array;
}
