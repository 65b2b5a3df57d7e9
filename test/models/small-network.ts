import type { Tensor } from '../../src/models/checkpoint/tensor.ts';
import { seeded } from '../support/random.ts';

interface Sizes {
  readonly sensors: number;
  readonly hidden: number;
  readonly latent: number;
  readonly layers?: number;
  readonly width?: number;
  readonly slope?: number;
}

/** The tensors of a network of any size, with random weights. */
export function smallNetwork(
  { sensors, hidden, latent, layers = 2, width = hidden + 1, slope = 0.25 }: Sizes,
  seed = 1,
): Map<string, Tensor> {
  const random = seeded(seed);
  const tensors = new Map<string, Tensor>();
  const add = (name: string, ...shape: readonly number[]): void => {
    const length = shape.reduce((product, size) => product * size, 1);
    tensors.set(name, { shape, data: Float32Array.from({ length }, () => random() - 0.5) });
  };
  const dense = (name: string, outs: number, ins: number): void => {
    add(`${name}.weight`, outs, ins);
    add(`${name}.bias`, outs);
  };
  for (let layer = 0; layer < layers; layer++) {
    add(`lstm.weight_ih_l${layer}`, 3 * hidden, layer === 0 ? sensors : hidden);
    add(`lstm.weight_hh_l${layer}`, 3 * hidden, hidden);
    add(`lstm.bias_ih_l${layer}`, 3 * hidden);
    add(`lstm.bias_hh_l${layer}`, 3 * hidden);
  }
  dense('encoder.0', width, hidden);
  dense('encoder.2', width, width);
  dense('encoder.5', 2 * latent, width);
  dense('decoder.0', width, latent);
  dense('decoder.2', width, width);
  dense('decoder.4', sensors, width);
  for (const name of ['encoder.1', 'encoder.3', 'decoder.1', 'decoder.3']) {
    tensors.set(`${name}.weight`, { shape: [1], data: Float32Array.of(slope) });
  }
  return tensors;
}
