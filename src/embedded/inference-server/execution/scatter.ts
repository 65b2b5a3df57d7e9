import { joinElements, type Datatype } from '../../../kserve/datatypes.ts';
import type { InferResponse, Parameters, Tensor } from '../../../kserve/infer.ts';
import { Refusal } from '../../../kserve/status.ts';
import type { Row, Step } from '../batching/step.ts';
import type { OutputPlan, Plan } from '../model/plan.ts';
import { aligned, product, type Done } from './protocol.ts';
import { bytesOver, type StateSlab } from './state-slab.ts';

export const noParameters: Parameters = new Map();

interface Part {
  readonly name: string;
  readonly datatype: Datatype;
  readonly isState: boolean;
  readonly shape: readonly number[];
  /** Undefined: texts. */
  readonly start: number | undefined;
  readonly texts: readonly string[];
  /** How many rows it has, and the size of one: bytes, or elements where they are texts. */
  readonly rows: number;
  readonly unit: number;
}

/** Hands each request its rows of what a batch has given, and keeps the states. Tells what each request is answered. */
export function scatter(
  plan: Plan,
  batch: readonly Row[],
  done: Done,
  slab: StateSlab,
  tell: (step: Step, result: InferResponse | Refusal) => void,
): void {
  const { buffer, shapes, texts, starts } = done;
  const parts = plan.outputs.map((output): Part =>
    partOf(plan, output, shapes[output.fetch] ?? [], starts[output.fetch], texts[output.fetch]),
  );
  const whole = bytesOver(buffer);
  const misfit = stateMisfit(plan, batch, done);
  const shapesOfOne = parts.map(({ shape }) => (plan.batches ? [1, ...shape.slice(1)] : shape));
  let row = 0;
  for (const step of batch) {
    if (step === undefined) {
      row++;
      continue;
    }
    const fault = misfit ?? faultOf(step, row, parts);
    if (fault !== undefined) {
      row += step.rows;
      tell(step, fault);
      continue;
    }
    for (const { fetch, bytes, offset } of plan.states)
      slab.write(step.place, offset, bytes, whole, (starts[fetch] ?? 0) + row * bytes);
    const outputs: Tensor[] = [];
    if (step.wanted === undefined) {
      for (let index = 0; index < parts.length; index++)
        outputs.push(tensorOf(plan, parts[index], shapesOfOne[index], buffer, row, step.rows));
    } else {
      for (const index of step.wanted)
        outputs.push(tensorOf(plan, parts[index], shapesOfOne[index], buffer, row, step.rows));
    }
    row += step.rows;
    tell(step, { model: plan.model, version: plan.version, id: step.id, parameters: noParameters, outputs });
  }
}

function partOf(
  plan: Plan,
  output: OutputPlan,
  shape: readonly number[],
  start: number | undefined,
  texts: readonly string[] | undefined,
): Part {
  const { name, datatype, isState, size } = output;
  const rows = plan.batches ? (shape[0] ?? 0) : 1;
  const elements = product(plan.batches ? shape.slice(1) : shape);
  return {
    name,
    datatype,
    isState,
    shape,
    rows,
    start: texts === undefined ? start : undefined,
    texts: texts ?? [],
    unit: texts === undefined ? elements * size : elements,
  };
}

/** States are paired by their names' order, so what comes out for one may be of another's size. */
function stateMisfit({ states }: Plan, batch: readonly Row[], { starts }: Done): Refusal | undefined {
  if (states.length === 0) return undefined;
  const rows = batch.reduce((sum, row) => sum + (row?.rows ?? 1), 0);
  const misfit = states.find(
    ({ fetch, bytes }) => (starts[fetch + 1] ?? 0) - (starts[fetch] ?? 0) !== aligned(rows * bytes),
  );
  if (misfit === undefined) return undefined;
  return new Refusal('INTERNAL', `the output '${misfit.output}' is not of the size of the state '${misfit.input}'`);
}

/** An output that has no row for the request; and the fault of every known Triton with states that are outputs too. */
function faultOf(step: Step, row: number, parts: readonly Part[]): Refusal | undefined {
  for (const { name, isState, rows } of parts) {
    const has = isState ? Math.min(rows, 1) : rows;
    if (row + step.rows <= has) continue;
    const label = step.id === '' ? '<id_unknown>' : step.id;
    const what = isState ? 'output state tensor' : 'output tensor';
    return new Refusal(
      isState ? 'UNIMPLEMENTED' : 'INTERNAL',
      `[request id: ${label}] failed to split the ${what} '${name}' in responses: expected batch size of at least ${row + step.rows} in model output, got ${has}`,
    );
  }
  return undefined;
}

function tensorOf(
  plan: Plan,
  part: Part | undefined,
  shapeOfOne: readonly number[] | undefined,
  buffer: ArrayBuffer,
  row: number,
  rows: number,
): Tensor {
  if (part === undefined || shapeOfOne === undefined) throw new Error('no such output');
  const { name, datatype, start, unit, texts } = part;
  const shape = rows === 1 || !plan.batches ? shapeOfOne : [rows, ...shapeOfOne.slice(1)];
  const bytes =
    start === undefined
      ? joinElements(texts.slice(row * unit, (row + rows) * unit).map((text) => Buffer.from(text)))
      : new Uint8Array(buffer, start + row * unit, rows * unit);
  return { name, datatype, shape, bytes };
}
