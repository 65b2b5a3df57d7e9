import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckpoint } from '../../src/models/checkpoint/checkpoint.ts';
import type { Tensor } from '../../src/models/checkpoint/tensor.ts';
import { readNetwork } from '../../src/models/network.ts';
import { smallNetwork } from './small-network.ts';
import { checkpoint, legacyCheckpoint, rootOf, storagesOf, tensorAt, zipCheckpoint } from './write-checkpoint.ts';
import { dictionary, op, pickle, tuple } from './write-pickle.ts';

const tensors = smallNetwork({ sensors: 3, hidden: 2, latent: 1 });
const hashOf = (bytes: Uint8Array): string => readNetwork(readCheckpoint(bytes)).hash;
const trained = readFileSync(join(import.meta.dirname, 'data/A-1/model.ckpt'));

describe('a checkpoint', () => {
  it('is read as PyTorch writes it', () => {
    const network = readNetwork(readCheckpoint(trained));
    expect([network.sensors, network.hidden, network.latent, network.recurrent.length]).toEqual([25, 32, 8, 2]);
    expect(network.recurrent[0]?.inputWeight.data[0]).toBe(-0.0013234952930361032);
  });

  it('holds the same network in the zip layout, in the older one, and with nothing around the tensors', () => {
    const bare = pickle(
      dictionary(...[...tensors].map(([name, one], key) => [op.text(name), tensorAt(key, one)] as const)),
    );
    expect(hashOf(legacyCheckpoint(tensors))).toBe(hashOf(checkpoint(tensors)));
    expect(hashOf(zipCheckpoint(bare, storagesOf(tensors)))).toBe(hashOf(checkpoint(tensors)));
  });

  it('may hold parameters, and dictionaries with attributes', () => {
    const parameter = (tensor: Buffer): Buffer =>
      Buffer.concat([op.global('torch._utils', '_rebuild_parameter'), tuple(tensor, op.false, op.none), op.reduce]);
    const attributes = Buffer.concat([rootOf(tensors, parameter).subarray(2, -1), op.emptyDict, op.build]);
    expect(hashOf(zipCheckpoint(pickle(attributes), storagesOf(tensors)))).toBe(hashOf(checkpoint(tensors)));
  });

  it('may hold float64 numbers, which count as the float32 ones that they are', () => {
    const wide = new Map(
      [...tensors].map(([name, { shape, data }]): [string, Tensor] => [name, { shape, data: Float64Array.from(data) }]),
    );
    expect(hashOf(checkpoint(wide))).toBe(hashOf(checkpoint(tensors)));
    expect(readCheckpoint(checkpoint(wide)).tensor('decoder.4.bias', [3]).data).toBeInstanceOf(Float64Array);
  });

  it('is read in row-major order whatever the strides of a tensor are', () => {
    const storage = tuple(
      op.text('storage'),
      op.global('torch', 'FloatStorage'),
      op.text('0'),
      op.text('cpu'),
      op.integer(8),
    );
    const turned = Buffer.concat([
      op.global('torch._utils', '_rebuild_tensor_v2'),
      tuple(
        Buffer.concat([storage, op.persistent]),
        op.integer(1),
        tuple(op.integer(2), op.integer(3)),
        tuple(op.integer(1), op.integer(2)),
        op.false,
        op.none,
      ),
      op.reduce,
    ]);
    const numbers = Buffer.from(Float32Array.of(9, 0, 10, 1, 11, 2, 12, 9).buffer);
    const read = readCheckpoint(zipCheckpoint(pickle(dictionary([op.text('turned'), turned])), [numbers]));
    expect([...read.tensor('turned', [2, 3]).data]).toEqual([0, 1, 2, 10, 11, 12]);
  });

  it.each([
    ['a tensor is missing', 'decoder.2.bias', undefined, 'tensor decoder.2.bias: expected [3], found none'],
    ['a vector is too long', 'lstm.bias_hh_l1', [7], 'tensor lstm.bias_hh_l1: expected [6], found [7]'],
    ['a matrix is turned', 'lstm.weight_hh_l0', [2, 6], 'tensor lstm.weight_hh_l0: expected [6, 2], found [2, 6]'],
    ['there are no sensors', 'lstm.weight_ih_l0', [6], 'tensor lstm.weight_ih_l0: expected a matrix, found [6]'],
    ['there are not three gates', 'lstm.weight_ih_l0', [5, 3], 'expected three gates, found 5 rows'],
    [
      'the decoder has other sensors',
      'decoder.4.weight',
      [4, 3],
      'tensor decoder.4.weight: expected [3, 3], found [4, 3]',
    ],
  ])('is refused when %s, by the name of the tensor', (_, name, shape, message) => {
    const wrong = new Map(tensors);
    if (shape === undefined) wrong.delete(name);
    else wrong.set(name, { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) });
    expect(() => hashOf(checkpoint(wrong))).toThrow(message);
  });

  it('is refused when a number in it is not finite', () => {
    const broken = new Map(tensors).set('encoder.0.bias', { shape: [3], data: Float32Array.of(0, NaN, 0) });
    expect(() => hashOf(checkpoint(broken))).toThrow('tensor encoder.0.bias: holds a number that is not finite');
  });

  it('is refused when it is of a big-endian machine', () => {
    const other = zipCheckpoint(rootOf(tensors), storagesOf(tensors), [['byteorder', 'big']]);
    expect(() => hashOf(other)).toThrow('big-endian');
  });

  it('is refused when it is cut short, changed on the way, or something else', () => {
    expect(() => hashOf(trained.subarray(0, 70_000))).toThrow('no end');
    const changed = Buffer.from(trained);
    changed[3000] = (changed[3000] ?? 0) ^ 1;
    expect(() => hashOf(changed)).toThrow('model/data/0 has a wrong checksum');
    expect(() => hashOf(Buffer.from('{}'))).toThrow('no PyTorch checkpoint');
    expect(() => hashOf(new Uint8Array())).toThrow('no PyTorch checkpoint');
  });
});
