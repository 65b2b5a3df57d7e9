import { splitElements } from '../../../kserve/datatypes.ts';
import { Refusal } from '../../../kserve/status.ts';
import type { Row, SequenceId, Step } from '../batching/step.ts';
import type { ControlPlan } from '../model/controls.ts';
import type { Plan } from '../model/plan.ts';
import { aligned, product } from './protocol.ts';
import { bytesOver, type Bytes, type StateSlab } from './state-slab.ts';

export interface Gathered {
  readonly buffer: ArrayBuffer;
  readonly shapes: readonly (readonly number[])[];
  readonly texts: readonly (readonly string[] | undefined)[];
}

/** Puts the tensors of a batch one after the other into one buffer: inputs, then controls, then states. */
export function gather(plan: Plan, batch: readonly Row[], slab: StateSlab, spare: ArrayBuffer | undefined): Gathered {
  const model = batch.find((row) => row !== undefined);
  if (model === undefined) throw new Error('a batch without requests');
  let rows = 0;
  for (const row of batch) rows += row?.rows ?? 1;

  const { inputs, controls, states } = plan;
  const shapes: number[][] = [];
  const texts: (readonly string[] | undefined)[] = [];
  let size = 0;
  inputs.forEach((input, index) => {
    const own = model.shapes[index] ?? [];
    const shape = plan.batches ? [rows, ...own.slice(1)] : [...own];
    shapes.push(shape);
    texts.push(input.size === 0 ? batch.flatMap((row) => textsOf(row, index)) : undefined);
    if (input.size > 0) size += aligned(product(shape) * input.size);
  });
  for (const control of controls) {
    shapes.push(plan.batches ? [rows, 1] : [1]);
    texts.push(control.size === 0 ? batch.map((row) => String(row?.sequence ?? '')) : undefined);
    size += aligned(rows * control.size);
  }
  for (const { dims, bytes } of states) {
    shapes.push(plan.batches ? [rows, ...dims] : [...dims]);
    texts.push(undefined);
    size += aligned(rows * bytes);
  }

  const buffer = spare !== undefined && spare.byteLength >= size ? spare : new ArrayBuffer(size);
  const to = bytesOver(buffer);
  let at = 0;
  inputs.forEach((input, index) => {
    if (input.size > 0) at = aligned(gatherInput(batch, index, rows, to, at));
  });
  for (const control of controls) if (control.size > 0) at = aligned(gatherControl(control, batch, to, at));
  for (const state of states) {
    for (const row of batch) {
      if (row === undefined) to.bytes.fill(0, at, at + state.bytes);
      else if (row.start) to.bytes.set(state.initial, at);
      else slab.read(row.place, state.offset, state.bytes, to, at);
      at += state.bytes;
    }
    at = aligned(at);
  }
  return { buffer, shapes, texts };
}

function gatherInput(batch: readonly Row[], index: number, rows: number, to: Bytes, start: number): number {
  let at = start;
  if (batch.length === rows) {
    const length = batch.find((row) => row !== undefined)?.tensors[index]?.length ?? 0;
    for (const row of batch) {
      const tensor = row?.tensors[index];
      if (tensor === undefined) to.bytes.fill(0, at, at + length);
      else to.bytes.set(tensor, at);
      at += length;
    }
    return at;
  }
  for (const row of batch) {
    const tensor = row?.tensors[index];
    if (tensor === undefined) continue;
    to.bytes.set(tensor, at);
    at += tensor.length;
  }
  return at;
}

const decoder = new TextDecoder();

const textsOf = (row: Row, index: number): readonly string[] => {
  const elements = splitElements(row?.tensors[index] ?? new Uint8Array());
  if (elements === undefined) throw new Refusal('INVALID_ARGUMENT', 'incomplete string data for inference input');
  return elements.map((element) => decoder.decode(element));
};

function gatherControl(control: ControlPlan, batch: readonly Row[], to: Bytes, start: number): number {
  let at = start;
  for (const row of batch) {
    if (control.kind === 'id') writeId(row?.sequence, control.size, to.bytes, at);
    else to.bytes.set(holds(control.kind, row) ? control.yes : control.no, at);
    at += control.size;
  }
  return at;
}

const holds = (kind: 'start' | 'ready' | 'end', row: Step | undefined): boolean =>
  row !== undefined && (kind === 'ready' || (kind === 'start' ? row.start : row.end));

function writeId(id: SequenceId | undefined, size: number, bytes: Uint8Array, at: number): void {
  let rest = BigInt.asUintN(64, typeof id === 'bigint' ? id : 0n);
  for (let index = 0; index < size; index++) {
    bytes[at + index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}
