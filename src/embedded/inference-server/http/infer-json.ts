import { isDatatype } from '../../../kserve/datatypes.ts';
import type { InferInput, InferRequest, Parameter, RequestedOutput } from '../../../kserve/infer.ts';
import { Refusal } from '../../../kserve/status.ts';
import { noParameters } from '../execution/scatter.ts';
import type { Plan } from '../model/plan.ts';
import { bytesOfJson } from './json-tensors.ts';
import type { HttpRequest } from './listen.ts';

/** Which outputs go as bytes. */
export interface Wanted {
  readonly allBinary: boolean;
  readonly binary: ReadonlyMap<string, boolean>;
}

type Fields = Readonly<Record<string, unknown>>;

// Triton answers what its JSON reader does not like as an internal error.
const unparsed = (what: string, why: string): Refusal => new Refusal('INTERNAL', `Unable to parse '${what}': ${why}`);
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function readInferJson(
  plan: Plan,
  { body, header }: HttpRequest,
  model: string,
  version: string,
): { infer: InferRequest; wanted: Wanted } {
  const given = header('inference-header-content-length');
  if (given !== undefined && !/^\d+$/.test(given)) {
    throw new Refusal('INVALID_ARGUMENT', `Unable to parse Inference-Header-Content-Length, got: ${given}`);
  }
  const headLength = given === undefined ? body.length : Number(given);
  if (headLength > body.length) {
    throw new Refusal(
      'INVALID_ARGUMENT',
      `Inference-Header-Content-Length is ${headLength}, the request has ${body.length} bytes`,
    );
  }
  if (headLength === 0) return rawRequest(plan, body, model, version);
  const fields = parse(body.subarray(0, headLength));
  const tail = { bytes: body.subarray(headLength), at: 0 };
  if (!('inputs' in fields)) throw unparsed('inputs', "attempt to access non-existing object member 'inputs'");
  const list = fields['inputs'];
  if (!Array.isArray(list)) throw unparsed('inputs', 'attempt to access JSON non-array as array');
  const inputs: InferInput[] = [];
  const raw: Uint8Array[] = [];
  for (const one of list as readonly unknown[]) {
    const { input, bytes } = readInput(plan, isFields(one) ? one : {}, tail);
    inputs.push(input);
    raw.push(bytes);
  }
  const parameters = isFields(fields['parameters']) ? fields['parameters'] : {};
  const { outputs, binary } = readOutputs(fields['outputs']);
  const infer: InferRequest = {
    model,
    version,
    id: typeof fields['id'] === 'string' ? fields['id'] : '',
    parameters: readParameters(parameters),
    inputs,
    outputs,
    raw,
  };
  return { infer, wanted: { allBinary: parameters['binary_data_output'] === true, binary } };
}

/** A body that is the bytes of the only input. */
function rawRequest(
  { inputs, batches }: Plan,
  body: Buffer,
  model: string,
  version: string,
): { infer: InferRequest; wanted: Wanted } {
  const [input, ...more] = inputs;
  if (input === undefined || more.length > 0) {
    throw new Refusal(
      'INVALID_ARGUMENT',
      `[request id: <id_unknown>] Raw request must only have 1 input (found 1) to be deduced but got ${inputs.length} inputs in '${model}' model configuration`,
    );
  }
  const { name, datatype, size, dims, variable } = input;
  if (variable.length > 1 || size === 0) {
    throw new Refusal(
      'INVALID_ARGUMENT',
      `[request id: <id_unknown>] The shape of Raw request must be deducible for input '${name}' of model '${model}'`,
    );
  }
  const known = dims.reduce((product, length) => (length === -1 ? product : product * length), size);
  const shape = [
    ...(batches ? [1] : []),
    ...dims.map((length) => (length === -1 ? Math.floor(body.length / known) : length)),
  ];
  const one: InferInput = { name, datatype, shape, parameters: noParameters };
  const infer = { model, version, id: '', parameters: noParameters, inputs: [one], outputs: [], raw: [body] };
  return { infer, wanted: { allBinary: true, binary: new Map() } };
}

function parse(bytes: Buffer): Fields {
  const text = bytes.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return value;
  } catch {
    throw new Refusal('INTERNAL', `failed to parse the request JSON buffer: ${placeOf(text)}`);
  }
  throw new Refusal('INTERNAL', 'failed to parse the request JSON buffer: Invalid value. at 0');
}

/** The words of Triton's JSON reader for what is wrong most often. */
function placeOf(text: string): string {
  const open = /^\s*\{\s*(?=[^"}\s])/.exec(text);
  if (open !== null) return `Missing a name for object member. at ${open[0].length}`;
  return `Invalid value. at ${text.length}`;
}

function readInput(
  plan: Plan,
  fields: Fields,
  tail: { readonly bytes: Buffer; at: number },
): { input: InferInput; bytes: Uint8Array } {
  const { name = '', datatype = '', shape = [], data, parameters = {} } = fields;
  if (typeof name !== 'string') throw unparsed('name', 'attempt to access JSON non-string as string');
  if (typeof datatype !== 'string') throw unparsed('datatype', 'attempt to access JSON non-string as string');
  if (!Array.isArray(shape) || !shape.every(Number.isSafeInteger))
    throw unparsed('shape', 'attempt to access JSON non-integer as integer');
  const dims = shape as readonly number[];
  const input = { name, datatype, shape: dims, parameters: noParameters };
  const size = isFields(parameters) ? parameters['binary_data_size'] : undefined;
  if (typeof size === 'number') {
    const left = tail.bytes.length - tail.at;
    if (size > left) {
      throw new Refusal(
        'INVALID_ARGUMENT',
        `unexpected size for input '${name}', expecting ${size - left} additional bytes for model '${plan.model}'`,
      );
    }
    tail.at += size;
    return { input, bytes: tail.bytes.subarray(tail.at - size, tail.at) };
  }
  if (data === undefined) throw unparsed('data', "attempt to access non-existing object member 'data'");
  // A datatype that is none is refused where all that came over gRPC is.
  return { input, bytes: isDatatype(datatype) ? bytesOfJson(datatype, dims, data) : new Uint8Array() };
}

function readOutputs(list: unknown): { outputs: readonly RequestedOutput[]; binary: ReadonlyMap<string, boolean> } {
  const binary = new Map<string, boolean>();
  const outputs: RequestedOutput[] = [];
  for (const one of Array.isArray(list) ? (list as readonly unknown[]) : []) {
    const { name, parameters } = isFields(one) ? one : {};
    if (typeof name !== 'string') throw unparsed('name', "attempt to access non-existing object member 'name'");
    outputs.push({ name, parameters: noParameters });
    const asked = isFields(parameters) ? parameters['binary_data'] : undefined;
    if (typeof asked === 'boolean') binary.set(name, asked);
  }
  return { outputs, binary };
}

function readParameters(fields: Fields): ReadonlyMap<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'binary_data_output') continue;
    if (name === 'sequence_id') parameters.set(name, sequenceId(value));
    else if (typeof value === 'boolean') parameters.set(name, { kind: 'bool', value });
    else if (typeof value === 'string') parameters.set(name, { kind: 'string', value });
    else if (typeof value !== 'number') throw unparsed(name, 'parameter value must be a string, a number or a boolean');
    else if (Number.isInteger(value)) parameters.set(name, { kind: 'int64', value: BigInt(value) });
    else parameters.set(name, { kind: 'double', value });
  }
  return parameters;
}

/** Over HTTP a sequence has a text or a number without a sign. */
function sequenceId(value: unknown): Parameter {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 64) {
    return { kind: 'int64', value: BigInt.asIntN(64, BigInt(value)) };
  }
  throw unparsed('sequence_id', 'attempt to access JSON non-string as string');
}
