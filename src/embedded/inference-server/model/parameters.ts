import type { Parameter, Parameters } from '../../../kserve/infer.ts';
import { Refusal } from '../../../kserve/status.ts';
import type { SequenceId } from '../batching/step.ts';

export interface RequestParameters {
  readonly sequence: SequenceId | undefined;
  readonly start: boolean;
  readonly end: boolean;
  /** Microseconds; 0: none. */
  readonly timeout: number;
}

const longestId = 128;
const reserved = 'triton_';
const allowed = 'triton_enable_empty_final_response';

const invalid = (message: string): Refusal => new Refusal('INVALID_ARGUMENT', message);
const wrongKind = (name: string, expected: string): Refusal =>
  invalid(`invalid value type for '${name}' parameter, expected ${expected}.`);

/** What a request asks for beside its tensors. */
export function parametersOf(parameters: Parameters): RequestParameters {
  let sequence: SequenceId | undefined;
  let [start, end, timeout] = [false, false, 0];
  for (const [name, parameter] of parameters) {
    if (name === 'sequence_id') sequence = idOf(parameter);
    else if (name === 'sequence_start') start = flag(name, parameter);
    else if (name === 'sequence_end') end = flag(name, parameter);
    else if (name === 'priority') checkPriority(parameter);
    else if (name === 'timeout') timeout = timeoutOf(parameter);
    else checkOther(name, parameter);
  }
  return { sequence, start, end, timeout };
}

function idOf({ kind, value }: Parameter): SequenceId | undefined {
  if (kind === 'int64') return value === 0n ? undefined : value;
  if (kind !== 'string') throw wrongKind('sequence_id', 'int64_param or string_param');
  if (value.length > longestId / 4 && Buffer.byteLength(value) > longestId) {
    throw new Refusal('UNIMPLEMENTED', `string correlation ID cannot be longer than ${longestId} characters`);
  }
  return value === '' ? undefined : value;
}

function flag(name: string, { kind, value }: Parameter): boolean {
  if (kind !== 'bool') throw wrongKind(name, 'bool_param');
  return value;
}

function checkPriority({ kind, value }: Parameter): void {
  if (kind !== 'int64' && kind !== 'uint64') throw wrongKind('priority', 'int64_param or uint64_param');
  if (value < 0n) throw invalid(`invalid value for 'priority', expected value >= 0.`);
}

function timeoutOf({ kind, value }: Parameter): number {
  if (kind !== 'int64') throw wrongKind('timeout', 'int64_param');
  return Number(value);
}

function checkOther(name: string, { kind }: Parameter): void {
  if (name.startsWith(reserved) && name !== allowed) {
    throw invalid(
      `parameter keys starting with '${reserved}' are reserved for Triton usage. Only the following keys starting with '${reserved}' are allowed: ${allowed}`,
    );
  }
  if (kind === 'uint64') throw wrongKind(name, 'int64_param, bool_param, or string_param');
}
