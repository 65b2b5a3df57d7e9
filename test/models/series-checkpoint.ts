import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '../../src/models/checkpoint/tensor.ts';
import { constantsIn } from '../../src/models/onnx/constants.ts';
import { checkpoint, type Tensors } from './write-checkpoint.ts';

/** Training's side of the three models that ship: what their meta.json says that the graphs need. */
export const metas = {
  lstm: { config: { asinh_c: 3, layers: 2 }, quantiles: [0.1, 0.5, 0.9] },
  transformer: { config: { asinh_c: 3, layers: 3, heads: 4 }, quantiles: [0.1, 0.5, 0.9] },
  vae: {
    config: { clip: 6, log_sigma_min: -5, log_sigma_max: 3, gamma: 0.7 },
    thresholds: { point: 2.477825, series: 4.445973 },
  },
} as const;

/** The tensors that a model file was made from, as PyTorch had them. */
export function tensorsOf(file: Uint8Array): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, { shape, data }] of constantsIn(file)) {
    // The graph's own numbers are called after it, and what only it needs has no dot.
    if (name.includes('/') || name === 'ones') continue;
    const numbers = Float32Array.from(data as Float32Array);
    const [rows = 0, columns = 0] = shape;
    if (name.startsWith('lstm.')) tensors.set(name, { shape: shape.slice(1), data: gatesBack(numbers) });
    else if (shape.length === 2 && name !== 'pos') {
      tensors.set(name, { shape: [columns, rows], data: turned(numbers, rows, columns) });
    } else tensors.set(name, { shape, data: numbers });
  }
  return tensors;
}

/** Writes what training hands over into a folder of this name; answers the path of the checkpoint. */
export function handOver(folder: string, name: string, tensors: Tensors, meta: unknown): string {
  const path = join(folder, name, 'model.ckpt');
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(path, checkpoint(tensors));
  writeFileSync(join(folder, name, 'meta.json'), JSON.stringify(meta));
  return path;
}

function turned(data: Float32Array, rows: number, columns: number): Float32Array {
  return data.map((_, at) => data[(at % rows) * columns + Math.floor(at / rows)] ?? NaN);
}

/** From in, out, forget, cell to in, forget, cell, out. */
function gatesBack(data: Float32Array): Float32Array {
  const size = data.length / 4;
  const gate = (at: number): number[] => [...data.subarray(at * size, (at + 1) * size)];
  return Float32Array.from([0, 2, 3, 1].flatMap(gate));
}
