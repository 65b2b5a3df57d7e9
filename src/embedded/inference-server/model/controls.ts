import { bytesOf, isDatatype, sizes, type Datatype } from '../../../kserve/datatypes.ts';
import { datatypeOf, type ControlConfig, type ControlInputConfig } from '../config/model-config.ts';

/** An input that tells the model where in its sequence a request is. */
export interface ControlPlan {
  readonly name: string;
  readonly kind: 'start' | 'ready' | 'end' | 'id';
  readonly datatype: Datatype;
  readonly size: number;
  readonly no: Uint8Array;
  readonly yes: Uint8Array;
}

const kinds: Readonly<Record<string, ControlPlan['kind']>> = {
  CONTROL_SEQUENCE_START: 'start',
  CONTROL_SEQUENCE_READY: 'ready',
  CONTROL_SEQUENCE_END: 'end',
  CONTROL_SEQUENCE_CORRID: 'id',
};

const none = new Uint8Array();

export const controlsOf = (inputs: readonly ControlInputConfig[]): readonly ControlPlan[] =>
  inputs.flatMap(({ name = '', control = [] }) => control.map((one) => ({ name, ...planOf(one) })));

function planOf(control: ControlConfig): Omit<ControlPlan, 'name'> {
  const kind = kinds[control.kind ?? 'CONTROL_SEQUENCE_START'] ?? 'start';
  if (kind === 'id') {
    const datatype = datatypeOf(control.data_type);
    if (!isDatatype(datatype)) throw new Error(`no datatype: ${datatype}`);
    return { kind, datatype, size: sizes[datatype], no: none, yes: none };
  }
  const { datatype, arrays } = pairOf(control);
  const [no, yes] = arrays.map(bytesOf);
  return { kind, datatype, size: sizes[datatype], no: no ?? none, yes: yes ?? none };
}

function pairOf(control: ControlConfig): { datatype: 'INT32' | 'FP32' | 'BOOL'; arrays: readonly ArrayBufferView[] } {
  const { int32_false_true: int32 = [], fp32_false_true: fp32 = [], bool_false_true: bool = [] } = control;
  if (int32.length > 0) return { datatype: 'INT32', arrays: int32.map((value) => new Int32Array([value])) };
  if (fp32.length > 0) return { datatype: 'FP32', arrays: fp32.map((value) => new Float32Array([value])) };
  return { datatype: 'BOOL', arrays: bool.map((value) => new Uint8Array([value ? 1 : 0])) };
}
