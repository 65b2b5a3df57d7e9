import { refused } from '../refused.ts';
import type { Constant } from './graph.ts';
import { fieldsOf } from './protobuf.ts';

/** The float32 constants of a model file, by name. */
export function constantsIn(model: Uint8Array): ReadonlyMap<string, Constant> {
  const found = new Map<string, Constant>();
  for (const graph of messages(model, 7)) {
    for (const tensor of messages(graph, 5)) {
      const [name, constant] = constantOf(tensor);
      if (constant !== undefined) found.set(name, constant);
    }
  }
  if (found.size === 0) throw refused('the model file holds no constants');
  return found;
}

function* messages(source: Uint8Array, number: number): Generator<Uint8Array> {
  for (const field of fieldsOf(source)) if (field.number === number) yield field.bytes;
}

function constantOf(tensor: Uint8Array): readonly [name: string, constant: Constant | undefined] {
  const fields = [...fieldsOf(tensor)];
  const name = Buffer.from(fields.find(({ number }) => number === 8)?.bytes ?? []).toString();
  const raw = fields.find(({ number }) => number === 9)?.bytes;
  const isFloat = fields.some(({ number, integer }) => number === 2 && integer === 1);
  if (raw === undefined || !isFloat) return [name, undefined];
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const data = Float32Array.from({ length: raw.length >> 2 }, (_, index) => view.getFloat32(index * 4, true));
  return [name, { shape: fields.filter(({ number }) => number === 1).map(({ integer }) => integer), data }];
}
