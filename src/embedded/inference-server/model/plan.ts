import { isDatatype, sizes, type Datatype } from '../../../kserve/datatypes.ts';
import { Refusal } from '../../../kserve/status.ts';
import { datatypeOf, dimsOf, type ModelConfig } from '../config/model-config.ts';
import { aligned, type Loaded, type Wiring } from '../execution/protocol.ts';
import { controlsOf, type ControlPlan } from './controls.ts';
import { statesOf, type StatePlan } from './states.ts';
import { typeNames } from './type-names.ts';

export interface InputPlan {
  readonly name: string;
  readonly datatype: Datatype;
  /** Of an element; 0: elements have lengths of their own. */
  readonly size: number;
  /** Without the batch dimension; -1: any length. */
  readonly dims: readonly number[];
  /** Where dims are -1. */
  readonly variable: readonly number[];
}

export interface OutputPlan {
  readonly name: string;
  readonly datatype: Datatype;
  readonly size: number;
  /** Its place among what is fetched. */
  readonly fetch: number;
  /** A state that is listed as output too: only the first row of a batch gets an answer, in every known Triton. */
  readonly isState: boolean;
}

/** What a request goes through, worked out once when the model is loaded. */
export interface Plan {
  readonly model: string;
  readonly version: string;
  /** Requests have a batch dimension. */
  readonly batches: boolean;
  readonly maxBatch: number;
  readonly inputs: readonly InputPlan[];
  readonly inputIndex: ReadonlyMap<string, number>;
  /** In the order of their names, as they are answered. */
  readonly outputs: readonly OutputPlan[];
  readonly outputIndex: ReadonlyMap<string, number>;
  readonly controls: readonly ControlPlan[];
  readonly states: readonly StatePlan[];
  /** Bytes of all states of one sequence. */
  readonly stateBytes: number;
  readonly wiring: Wiring;
  /** Why every execution fails, as with a state that the model file does not have. */
  readonly broken: Refusal | undefined;
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));

export function planOf(
  config: ModelConfig,
  version: string,
  file: Loaded,
  initialFiles: ReadonlyMap<string, Buffer>,
): Plan {
  const { max_batch_size: most = 0, name: model = '' } = config;
  const inputs = (config.input ?? []).map((input): InputPlan => {
    const dims = dimsOf(input.dims);
    const datatype = known(datatypeOf(input.data_type));
    const variable = dims.flatMap((length, index) => (length === -1 ? [index] : []));
    return { name: input.name ?? '', datatype, size: sizes[datatype], dims, variable };
  });
  const controls = controlsOf(config.sequence_batching?.control_input ?? []);
  const states = statesOf(config.sequence_batching?.state ?? [], initialFiles);
  const stateOutputs = new Set(states.map(({ output }) => output));
  const listed = [...(config.output ?? [])].map(({ name = '', data_type }) => ({ name, type: data_type })).sort(byName);
  const fetches = [...new Set([...listed.map(({ name }) => name), ...stateOutputs])];
  const outputs = listed.map(({ name, type }): OutputPlan => {
    const datatype = known(datatypeOf(type));
    return { name, datatype, size: sizes[datatype], fetch: fetches.indexOf(name), isState: stateOutputs.has(name) };
  });
  const feeds = [...inputs, ...controls, ...states.map(({ input, datatype }) => ({ name: input, datatype }))].map(
    ({ name, datatype }) => ({ name, type: typeNames[datatype].runtime }),
  );
  return {
    model,
    version,
    batches: most > 0,
    maxBatch: Math.max(1, most),
    inputs,
    inputIndex: indexOf(inputs),
    outputs,
    outputIndex: indexOf(outputs),
    controls,
    states: states.map((state) => ({ ...state, fetch: fetches.indexOf(state.output) })),
    stateBytes: states.reduce((sum, { bytes }) => sum + aligned(bytes), 0),
    wiring: { feeds, fetches },
    broken: brokenBy(states, file),
  };
}

const indexOf = (tensors: readonly { readonly name: string }[]): ReadonlyMap<string, number> =>
  new Map(tensors.map(({ name }, index) => [name, index]));

/** Datatypes are looked at before a plan is made. */
function known(datatype: string): Datatype {
  if (!isDatatype(datatype)) throw new Error(`no datatype: ${datatype}`);
  return datatype;
}

/** The load does not look at the names of states: the model is ready, and each execution fails. */
function brokenBy(states: readonly StatePlan[], { inputs, outputs }: Loaded): Refusal | undefined {
  for (const { input } of states) {
    if (!inputs.some(({ name }) => name === input))
      return new Refusal('INTERNAL', `Failed to retrieve the ONNX input tensor info from '${input}'.`);
  }
  for (const { output } of states) {
    if (!outputs.some(({ name }) => name === output))
      return new Refusal('INTERNAL', `onnx runtime error 2: Invalid output name: ${output}`);
  }
  return undefined;
}
