import type { Tensor } from './checkpoint/tensor.ts';
import type { Dense, Network, Recurrent } from './network.ts';

/** What a network says of one sample. */
export interface Scored {
  readonly reconstruction: Float64Array;
  readonly score: number;
}

/** The network as its formulas are written, in float64: slow, and what every other form is held against. */
export interface Reference {
  /** The recurrent state, a layer after the other; it changes with every sample. */
  readonly state: readonly Float64Array[];
  readonly next: (values: ArrayLike<number>) => Scored;
}

/** Starts from zero, or from a state that was kept. */
export function openReference(network: Network, initial?: ArrayLike<number>): Reference {
  const { hidden, latent, recurrent, encoder, decoder, slopes } = network;
  const state = recurrent.map((_, layer) =>
    Float64Array.from({ length: hidden }, (_, unit) => initial?.[layer * hidden + unit] ?? 0),
  );
  return {
    state,
    next: (values) => {
      const input = Float64Array.from(values);
      let flow = input;
      recurrent.forEach((layer, index) => {
        const before = state[index] ?? new Float64Array(hidden);
        before.set(recur(layer, flow, before));
        flow = before;
      });
      const first = prelu(through(encoder[0], flow), slopes[0]);
      const second = prelu(through(encoder[1], first), slopes[1]);
      const mean = through(encoder[2], second).subarray(0, latent);
      const third = prelu(through(decoder[0], mean), slopes[2]);
      const fourth = prelu(through(decoder[1], third), slopes[3]);
      const reconstruction = through(decoder[2], fourth).map(sigmoid);
      const squares = reconstruction.reduce((sum, value, sensor) => sum + (at(input, sensor) - value) ** 2, 0);
      return { reconstruction, score: squares / reconstruction.length };
    },
  };
}

function recur(layer: Recurrent, input: Float64Array, state: Float64Array): Float64Array {
  const fromInput = product(layer.inputWeight, layer.inputBias, input);
  const fromState = product(layer.stateWeight, layer.stateBias, state);
  const units = state.length;
  return state.map((before, unit) => {
    const reset = sigmoid(at(fromInput, unit) + at(fromState, unit));
    const update = sigmoid(at(fromInput, units + unit) + at(fromState, units + unit));
    const fresh = Math.tanh(at(fromInput, 2 * units + unit) + reset * at(fromState, 2 * units + unit));
    return (1 - update) * fresh + update * before;
  });
}

const through = ({ weight, bias }: Dense, input: Float64Array): Float64Array => product(weight, bias, input);

function product(weight: Tensor, bias: Tensor, input: Float64Array): Float64Array {
  const sums = Float64Array.from(bias.data);
  const columns = input.length;
  for (let row = 0; row < sums.length; row++) {
    let sum = sums[row] ?? NaN;
    for (let column = 0; column < columns; column++) {
      sum += (weight.data[row * columns + column] ?? NaN) * (input[column] ?? NaN);
    }
    sums[row] = sum;
  }
  return sums;
}

const prelu = (values: Float64Array, slope: Tensor): Float64Array =>
  values.map((value) => (value > 0 ? value : value * (slope.data[0] ?? NaN)));

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

const at = (values: Float64Array, index: number): number => values[index] ?? NaN;
