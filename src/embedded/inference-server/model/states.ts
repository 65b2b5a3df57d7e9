import { isDatatype, sizes, type Datatype } from '../../../kserve/datatypes.ts';
import { datatypeOf, dimsOf, type StateConfig } from '../config/model-config.ts';
import { aligned, product } from '../execution/protocol.ts';

/** A tensor that a sequence's next request gets from this one. */
export interface StatePlan {
  readonly input: string;
  readonly output: string;
  readonly datatype: Datatype;
  readonly dims: readonly number[];
  readonly bytes: number;
  /** In the record of all states of one sequence. */
  readonly offset: number;
  /** What the first request of a sequence gets. */
  readonly initial: Uint8Array;
  /** The output's place among what is fetched. */
  readonly fetch: number;
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Triton pairs inputs and outputs of states by their places in the order of names, whatever the configuration says:
 * the first input of all takes the first output of all.
 */
export function statesOf(
  states: readonly StateConfig[],
  initialFiles: ReadonlyMap<string, Buffer>,
): readonly StatePlan[] {
  const inputs = [...states].sort((a, b) => byBytes(a.input_name ?? '', b.input_name ?? ''));
  const outputs = states.map(({ output_name: name = '' }) => name).sort(byBytes);
  let offset = 0;
  return inputs.map((state, rank) => {
    const datatype = datatypeOf(state.data_type);
    if (!isDatatype(datatype)) throw new Error(`no datatype: ${datatype}`);
    const dims = dimsOf(state.dims);
    const bytes = product(dims) * sizes[datatype];
    const at = offset;
    offset += aligned(bytes);
    const file = initialFiles.get(state.initial_state?.[0]?.data_file ?? '');
    // Without an initial state Triton gives what its memory holds; nobody can rely on that, so it is zeros here.
    const initial = file === undefined ? new Uint8Array(bytes) : new Uint8Array(file);
    return {
      input: state.input_name ?? '',
      output: outputs[rank] ?? '',
      datatype,
      dims,
      bytes,
      offset: at,
      initial,
      fetch: -1,
    };
  });
}

/** What is wrong with how a sequence's states begin, in Triton's words. */
export function initialStateFault(states: readonly StateConfig[]): string | undefined {
  for (const { input_name: input = '', dims, data_type: type, initial_state: initial = [] } of states) {
    const [first, ...more] = initial;
    if (first === undefined) continue;
    if (more.length > 0)
      return `initial_state field for state input '${input}' must contain exactly one or zero element. Found '${initial.length}' elements.`;
    if ((first.name ?? '') === '')
      return `Field 'name' must be set when using initial_state for state input '${input}'.`;
    if (first.data_type !== type)
      return `The data type used for 'initial_state' field of state '${input}' does not match the state's data type.`;
    const [state, own] = [dimsOf(dims), dimsOf(first.dims)];
    if (state.length !== own.length)
      return `Number of dimensions in 'initial_state' doesn't match the size of 'state' dimensions for input '${input}'. ${own.length} != ${state.length}`;
    const index = own.findIndex((length, at) => length !== state[at] && state[at] !== -1);
    if (index >= 0)
      return `'initial_state' dim for input name '${input}' doesn't match 'state' dim description. ${own[index]} != ${state[index]}`;
  }
  return undefined;
}
