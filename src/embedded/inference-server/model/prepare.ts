import { sizes, splitElements } from '../../../kserve/datatypes.ts';
import type { InferRequest } from '../../../kserve/infer.ts';
import { Refusal } from '../../../kserve/status.ts';
import { product } from '../execution/protocol.ts';
import { contentBytes } from './contents.ts';
import type { InputPlan, Plan } from './plan.ts';

/** The tensors of a request that fits its model. */
export interface Prepared {
  readonly tensors: readonly Uint8Array[];
  readonly shapes: readonly (readonly number[])[];
  readonly shapeKey: number | string;
  readonly rows: number;
  readonly wanted: readonly number[] | undefined;
}

const invalid = (message: string): Refusal => new Refusal('INVALID_ARGUMENT', message);
const label = (id: string): string => `[request id: ${id === '' ? '<id_unknown>' : id}] `;
const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(',');

/** The tensors of a request, or a refusal in Triton's words. */
export const prepare = (plan: Plan, request: InferRequest): Prepared =>
  plainly(plan, request) ?? thoroughly(plan, request);

/** What nearly all requests are: all inputs in the model's order, as bytes, and all outputs wanted. Undefined: look closer. */
function plainly(
  { inputs: expected, batches, maxBatch }: Plan,
  { inputs, raw, outputs }: InferRequest,
): Prepared | undefined {
  const count = expected.length;
  if (inputs.length !== count || raw.length !== count || outputs.length > 0) return undefined;
  const shapes: (readonly number[])[] = [];
  const from = batches ? 1 : 0;
  const rows = batches ? (inputs[0]?.shape[0] ?? 0) : 1;
  if (rows > maxBatch || rows < 0) return undefined;
  let key: number | undefined;
  for (let index = 0; index < count; index++) {
    const wanted = expected[index];
    const given = inputs[index];
    if (wanted === undefined || given === undefined || given.contents !== undefined || wanted.size === 0)
      return undefined;
    if (given.name !== wanted.name || given.datatype !== wanted.datatype) return undefined;
    const { shape } = given;
    const { dims } = wanted;
    if (shape.length !== dims.length + from || (batches && shape[0] !== rows)) return undefined;
    let elements = rows;
    for (let at = 0; at < dims.length; at++) {
      const length = shape[at + from] ?? -1;
      if (dims[at] === -1) {
        // With more than one that is free, the key is a text.
        if (key !== undefined || length < 0) return undefined;
        key = length;
      } else if (dims[at] !== length) return undefined;
      elements *= length;
    }
    if (raw[index]?.length !== elements * wanted.size) return undefined;
    shapes.push(shape);
  }
  return { tensors: raw, shapes, shapeKey: key ?? 0, rows, wanted: undefined };
}

/** Finds each input, in Triton's order of looking. */
function thoroughly(plan: Plan, request: InferRequest): Prepared {
  const { id, inputs } = request;
  const given: (number | undefined)[] = [];
  for (let at = 0; at < inputs.length; at++) {
    const name = inputs[at]?.name ?? '';
    for (let before = 0; before < at; before++) {
      if (inputs[before]?.name === name) throw invalid(`${label(id)}input '${name}' already exists in request`);
    }
    given.push(plan.inputs[at]?.name === name ? at : plan.inputIndex.get(name));
  }
  const data = dataOf(plan, request);
  const wanted = wantedOf(plan, request);
  if (inputs.length !== plan.inputs.length) throw wrongCount(plan, request);

  const tensors = new Array<Uint8Array>(inputs.length);
  const shapes = new Array<readonly number[]>(inputs.length);
  let rows = 1;
  // Triton keeps inputs in a table that it walks from the last that came to the first.
  for (let at = inputs.length - 1; at >= 0; at--) {
    const { name = '', shape = [] } = inputs[at] ?? {};
    if (given[at] === undefined) throw invalid(`unexpected inference input '${name}' for model '${plan.model}'`);
    if (!plan.batches) continue;
    const first = shape[0];
    if (first === undefined)
      throw invalid(`${label(id)}input '${name}' has no shape but model requires batch dimension for '${plan.model}'`);
    if (at === inputs.length - 1) rows = first;
    else if (first !== rows)
      throw invalid(`${label(id)}input '${name}' batch size does not match other inputs for '${plan.model}'`);
  }
  if (rows > plan.maxBatch)
    throw invalid(`${label(id)}inference request batch-size must be <= ${plan.maxBatch} for '${plan.model}'`);
  for (let at = inputs.length - 1; at >= 0; at--) {
    const input = inputs[at];
    const index = given[at];
    const expected = index === undefined ? undefined : plan.inputs[index];
    if (input === undefined || index === undefined || expected === undefined) continue;
    checkTensor(plan, id, expected, input.datatype, input.shape);
    tensors[index] = data[at] ?? none;
    shapes[index] = input.shape;
  }
  for (let at = inputs.length - 1; at >= 0; at--) {
    const index = given[at] ?? 0;
    const expected = plan.inputs[index];
    if (expected !== undefined) checkSize(plan, id, expected, shapes[index] ?? [], tensors[index] ?? none);
  }
  return { tensors, shapes, shapeKey: keyOf(plan, shapes), rows, wanted };
}

const none = new Uint8Array();

/** The bytes of each input, from wherever the client has put them. */
function dataOf({ model }: Plan, { inputs, raw }: InferRequest): readonly Uint8Array[] {
  if (raw.length === 0) {
    return inputs.map((input) => {
      if (input.contents === undefined) {
        // A tensor without elements needs no contents.
        if (product(input.shape) === 0) return none;
        throw invalid(`unable to find data for input tensor '${input.name}' for model '${model}' in request.`);
      }
      return contentBytes(model, input, input.contents);
    });
  }
  for (let at = 0; at < inputs.length; at++) {
    const { name = '', contents } = inputs[at] ?? {};
    if (contents !== undefined) {
      throw invalid(
        `contents field must not be specified when using raw_input_contents for '${name}' for model '${model}'`,
      );
    }
    if (raw[at] === undefined)
      throw invalid(`unable to find data for input tensor '${name}' for model '${model}' in request.`);
  }
  return raw;
}

function wantedOf({ model, outputIndex }: Plan, { outputs }: InferRequest): readonly number[] | undefined {
  if (outputs.length === 0) return undefined;
  const wanted = new Set<number>();
  for (const { name } of outputs) {
    const index = outputIndex.get(name);
    if (index === undefined) throw invalid(`unexpected inference output '${name}' for model '${model}'`);
    wanted.add(index);
  }
  return [...wanted].sort((a, b) => a - b);
}

function wrongCount({ model, inputs: expected }: Plan, { id, inputs }: InferRequest): Refusal {
  const names = inputs.map(({ name }) => name).reverse();
  const missing = expected.filter(({ name }) => !names.includes(name)).map(({ name }) => name);
  // Triton forgets the opening bracket where nothing is missing.
  const list = missing.length > 0 ? `[${quoted(missing)}]` : ']';
  return invalid(
    `${label(id)}expected ${expected.length} inputs but got ${inputs.length} inputs for model '${model}'. Got input(s) [${quoted(names)}], but missing required input(s) ${list}. Please provide all required input(s).`,
  );
}

const batchNote =
  ' NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input shape. If you want to specify the full shape including the batch dim in your input dims config, try setting max_batch_size to zero. See the model configuration docs for more info on max_batch_size.';

function checkTensor(plan: Plan, id: string, expected: InputPlan, datatype: string, shape: readonly number[]): void {
  const { model, batches } = plan;
  const { name, dims } = expected;
  if (datatype !== expected.datatype) {
    const got = Object.hasOwn(sizes, datatype) ? datatype : '<invalid>';
    throw invalid(
      `${label(id)}inference input '${name}' data-type is '${got}', but model '${model}' expects '${expected.datatype}'`,
    );
  }
  const from = batches ? 1 : 0;
  let fits = shape.length === dims.length + from;
  for (let at = 0; at < shape.length; at++) {
    const length = shape[at] ?? 0;
    if (length < 0)
      throw invalid(
        `${label(id)}All input dimensions should be specified for input '${name}' for model '${model}', got [${shape.join(',')}]`,
      );
    const wanted = at < from ? -1 : (dims[at - from] ?? -1);
    if (wanted !== -1 && wanted !== length) fits = false;
  }
  if (fits) return;
  const full = batches ? [-1, ...dims] : dims;
  throw invalid(
    `${label(id)}unexpected shape for input '${name}' for model '${model}'. Expected [${full.join(',')}], got [${shape.join(',')}].${batches ? batchNote : ''}`,
  );
}

function checkSize(
  { model }: Plan,
  id: string,
  { name, size }: InputPlan,
  shape: readonly number[],
  bytes: Uint8Array,
): void {
  const elements = product(shape);
  if (size > 0) {
    if (bytes.length === elements * size) return;
    throw invalid(
      `${label(id)}input byte size mismatch for input '${name}' for model '${model}'. Expected ${elements * size}, got ${bytes.length}`,
    );
  }
  const found = splitElements(bytes);
  if (found === undefined)
    throw invalid(
      `${label(id)}incomplete string data for inference input '${name}', expecting string of length that its bytes do not hold`,
    );
  if (found.length !== elements) {
    throw invalid(
      `${label(id)}expected ${elements} string elements for inference input '${name}' for model '${model}', got ${found.length}`,
    );
  }
}

/** Of the dimensions that are free: a number where there is but one. */
function keyOf({ inputs, batches }: Plan, shapes: readonly (readonly number[])[]): number | string {
  const from = batches ? 1 : 0;
  let key: number | string = 0;
  let free = 0;
  for (let index = 0; index < inputs.length; index++) {
    const { variable = [] } = inputs[index] ?? {};
    for (const dimension of variable) {
      const length = shapes[index]?.[dimension + from] ?? 0;
      key = free++ === 0 ? length : `${key},${length}`;
    }
  }
  return key;
}
