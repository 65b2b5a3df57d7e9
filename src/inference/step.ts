import { arrayOver, bytesOf, type Fixed } from '../kserve/datatypes.ts';
import type { InferInput, InferRequest, InferResponse, Parameter } from '../kserve/infer.ts';
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
  readonly sequence: string;
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

export function requestOf(form: StepForm, step: Step): InferRequest {
  const { id, sequence, start, end = false, place, initial, values } = step;
  const parameters = new Map<string, Parameter>([['sequence_id', { kind: 'string', value: sequence }]]);
  if (start) parameters.set('sequence_start', truth);
  if (end) parameters.set('sequence_end', truth);
  const samples = values.length / form.sensors;
  const inputs: InferInput[] = [
    { name: 'values', datatype: 'FP32', shape: [1, samples, form.sensors], parameters: noParameters },
    { name: 'h_init', datatype: 'FP32', shape: [1, ...form.state], parameters: noParameters },
  ];
  const raw = [bytesOf(values), bytesOf(initial)];
  if (form.fleet) {
    inputs.push({ name: 'entity', datatype: 'INT64', shape: [1, 1], parameters: noParameters });
    raw.push(bytesOf(BigInt64Array.of(BigInt(place))));
  }
  return { model: form.model, version: '', id, parameters, inputs, outputs: [], raw };
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
