import { createHash } from 'node:crypto';
import { shapeText, type Tensor, type TensorSource } from './checkpoint/tensor.ts';
import { refused } from './refused.ts';

/** A fully connected layer: weights [out, in], as PyTorch has them. */
export interface Dense {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** One layer of a GRU; gates are stacked reset, update, new. */
export interface Recurrent {
  readonly inputWeight: Tensor;
  readonly stateWeight: Tensor;
  readonly inputBias: Tensor;
  readonly stateBias: Tensor;
}

/** The kind `omnianomaly`: a GRU, then an encoder to a latent mean, then a decoder back to the sensors. */
export interface Network {
  readonly sensors: number;
  readonly hidden: number;
  readonly latent: number;
  readonly recurrent: readonly Recurrent[];
  /** The last one gives the latent mean, then its log-variance, which scoring does not use. */
  readonly encoder: readonly [Dense, Dense, Dense];
  readonly decoder: readonly [Dense, Dense, Dense];
  /** What PReLU multiplies negative numbers with: after the first two layers of the encoder, then of the decoder. */
  readonly slopes: readonly [Tensor, Tensor, Tensor, Tensor];
  /** All of them, by PyTorch's names, in an order that only the sizes decide. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** SHA-256 of the names, shapes and float32 bytes of all tensors. */
  readonly hash: string;
}

/** The tensors that are one row of numbers: what is added, and the slopes of PReLU. All others are matrices. */
export const isVector = (name: string): boolean => /\.bias|coder\.[13]\.weight$/.test(name);

const maxLayers = 8;

/** The sizes of everything follow from the shapes; what does not fit them is refused by the tensor's name. */
export function readNetwork(source: TensorSource): Network {
  const tensors = new Map<string, Tensor>();
  const take = (name: string, shape: readonly number[]): Tensor => {
    const tensor = source.tensor(name, shape);
    if (!tensor.data.every(Number.isFinite)) throw refused(`tensor ${name}: holds a number that is not finite`);
    tensors.set(name, tensor);
    return tensor;
  };
  const rowsOf = (name: string): number => matrixOf(source, name)[0];
  const [gates, sensors] = matrixOf(source, 'lstm.weight_ih_l0');
  const hidden = gates / 3;
  if (!Number.isInteger(hidden)) {
    throw refused(`tensor lstm.weight_ih_l0: expected three gates, found ${gates} rows`);
  }

  const layers = Array.from({ length: maxLayers + 1 }, (_, layer) => layer).find(
    (layer) => source.shapeOf(`lstm.weight_ih_l${layer}`) === undefined,
  );
  if (layers === undefined) throw refused(`more than ${maxLayers} recurrent layers`);
  const recurrent = Array.from({ length: layers }, (_, layer) => ({
    inputWeight: take(`lstm.weight_ih_l${layer}`, [gates, layer === 0 ? sensors : hidden]),
    stateWeight: take(`lstm.weight_hh_l${layer}`, [gates, hidden]),
    inputBias: take(`lstm.bias_ih_l${layer}`, [gates]),
    stateBias: take(`lstm.bias_hh_l${layer}`, [gates]),
  }));

  const dense = (name: string, outs: number, ins: number): Dense => ({
    weight: take(`${name}.weight`, [outs, ins]),
    bias: take(`${name}.bias`, [outs]),
  });
  const [outer, inner, moments] = [rowsOf('encoder.0.weight'), rowsOf('encoder.2.weight'), rowsOf('encoder.5.weight')];
  const latent = moments / 2;
  if (!Number.isInteger(latent))
    throw refused(`tensor encoder.5.weight: expected means and variances, found ${moments} rows`);
  const [first, second] = [rowsOf('decoder.0.weight'), rowsOf('decoder.2.weight')];
  const encoder = [
    dense('encoder.0', outer, hidden),
    dense('encoder.2', inner, outer),
    dense('encoder.5', moments, inner),
  ] as const;
  const decoder = [
    dense('decoder.0', first, latent),
    dense('decoder.2', second, first),
    dense('decoder.4', sensors, second),
  ] as const;
  const slope = (name: string): Tensor => take(name, [1]);
  const slopes = [
    slope('encoder.1.weight'),
    slope('encoder.3.weight'),
    slope('decoder.1.weight'),
    slope('decoder.3.weight'),
  ] as const;
  return { sensors, hidden, latent, recurrent, encoder, decoder, slopes, tensors, hash: hashOf(tensors) };
}

/** Two networks with one text can stand in one graph. */
export const sizesOf = ({ sensors, hidden, latent, recurrent, encoder, decoder }: Network): string =>
  [
    `${sensors} sensors, ${recurrent.length} x ${hidden} hidden, ${latent} latent`,
    ...[...encoder, ...decoder].map(({ weight }) => shapeText(weight.shape)),
  ].join(' ');

function matrixOf(source: TensorSource, name: string): readonly [rows: number, columns: number] {
  const shape = source.shapeOf(name);
  const [rows, columns] = shape ?? [];
  if (shape?.length !== 2 || rows === undefined || columns === undefined || rows < 1 || columns < 1) {
    throw refused(`tensor ${name}: expected a matrix, found ${shape === undefined ? 'none' : shapeText(shape)}`);
  }
  return [rows, columns];
}

function hashOf(tensors: ReadonlyMap<string, Tensor>): string {
  const hash = createHash('sha256');
  for (const [name, { shape, data }] of tensors) {
    const bytes = Buffer.alloc(data.length * 4);
    data.forEach((value, index) => bytes.writeFloatLE(Math.fround(value), index * 4));
    hash.update(`${name}${shapeText(shape)}\n`).update(bytes);
  }
  return hash.digest('hex');
}
