import { describe, expect, it } from '@jest/globals';
import { readCheckpoint } from '../../src/models/checkpoint/checkpoint.ts';
import { zipCheckpoint } from './write-checkpoint.ts';
import { bytes, dictionary, op, pickle, tuple } from './write-pickle.ts';

const reading = (root: Buffer) => () => readCheckpoint(zipCheckpoint(root, [Buffer.alloc(16)]));

const call = (module: string, name: string, ...args: readonly Buffer[]): Buffer =>
  Buffer.concat([op.global(module, name), tuple(...args), op.reduce]);

const storage = (count: number): Buffer =>
  Buffer.concat([
    tuple(op.text('storage'), op.global('torch', 'FloatStorage'), op.text('0'), op.text('cpu'), op.integer(count)),
    op.persistent,
  ]);

const tensor = (count: number, offset: number, shape: readonly number[], strides: readonly number[]): Buffer =>
  call(
    'torch._utils',
    '_rebuild_tensor_v2',
    storage(count),
    op.integer(offset),
    tuple(...shape.map(op.integer)),
    tuple(...strides.map(op.integer)),
  );

describe('a pickle that wants more than to be data', () => {
  it('is refused by the name that it names, and where', () => {
    expect(reading(pickle(call('os', 'system', op.text('true'))))).toThrow(
      'refused: the pickle names os.system at byte 2',
    );
    const deep = pickle(dictionary([op.text('epoch'), call('builtins', 'eval', op.text('1'))]));
    expect(reading(deep)).toThrow('refused: the pickle names builtins.eval at byte 14');
  });

  it.each([
    ['torch', 'load'],
    ['torch._utils', '_rebuild_tensor'],
    ['collections', 'OrderedDict.__init__'],
    ['__builtin__', 'getattr'],
    ['numpy.core.multiarray', 'scalar'],
    ['constructor', 'prototype'],
    ['', '__proto__'],
  ])('is refused when it names %s %s', (module, name) => {
    expect(reading(pickle(op.global(module, name)))).toThrow(`the pickle names ${module}.${name} at byte 2`);
  });

  it('is refused when the name lies on the stack', () => {
    expect(reading(pickle(op.text('os'), op.text('system'), bytes(0x93)))).toThrow('names os.system at byte 20');
  });

  it.each([
    ['INST', 0x69],
    ['OBJ', 0x6f],
    ['NEWOBJ', 0x81],
    ['NEWOBJ_EX', 0x92],
    ['EXT1', 0x82],
    ['PERSID', 0x50],
    ['DUP', 0x32],
    ['NEXT_BUFFER', 0x97],
  ])('is refused when it has the opcode %s', (_, opcode) => {
    expect(reading(pickle(op.none, bytes(opcode)))).toThrow(
      `refused: the pickle has the opcode 0x${opcode.toString(16)} at byte 3`,
    );
  });

  it('cannot call what it was given as data', () => {
    expect(reading(pickle(op.text('eval'), op.emptyTuple, op.reduce))).toThrow('a call of what cannot be called');
    expect(reading(pickle(dictionary([op.text('call'), op.none]), op.emptyTuple, op.reduce))).toThrow(
      'cannot be called',
    );
  });

  it('is refused when it takes from the stack what is not there', () => {
    for (const opcode of [0x52, 0x51, 0x61, 0x65, 0x73, 0x74, 0x75, 0x85, 0x87, 0x62, 0x71, 0x2e]) {
      expect(reading(pickle(bytes(opcode, 0)))).toThrow('the pickle is damaged');
    }
    expect(reading(pickle(op.recall(7)))).toThrow('nothing was kept as 7');
  });

  it('is refused when it says that it is longer than it is', () => {
    expect(reading(pickle(bytes(0x58, 0xff, 0xff, 0xff, 0x7f)))).toThrow('a text of 2147483647 bytes');
    expect(reading(pickle(bytes(0x58, 0xff, 0xff, 0, 0)))).toThrow('cut short');
    expect(reading(Buffer.from([0x80, 2, 0x63, 0x6f]))).toThrow('a line without end');
  });

  it('may hold itself, and things in things without end', () => {
    const itself = Buffer.concat([op.emptyList, op.keep(1), op.mark, op.recall(1), op.appends]);
    expect(reading(pickle(itself))).toThrow('the checkpoint is no dictionary');
    const depth = 200_000;
    const nested = Buffer.concat([Buffer.alloc(depth, 0x5d), Buffer.alloc(depth - 1, 0x61)]);
    expect(reading(pickle(nested))).toThrow('the checkpoint is no dictionary');
  });

  it('gets no tensor that reaches over its storage, or is larger than any network', () => {
    const read = (one: Buffer, shape: readonly number[]) => () =>
      readCheckpoint(zipCheckpoint(pickle(dictionary([op.text('w'), one])), [Buffer.alloc(16)])).tensor('w', shape);
    expect(read(tensor(4, 1, [4], [1]), [4])).toThrow('tensor w: reaches number 4 of a storage that has 4');
    expect(read(tensor(9, 0, [9], [1]), [9])).toThrow('storage 0 is missing or cut short');
    expect(read(tensor(4, 0, [65_536, 65_536], [0, 0]), [65_536, 65_536])).toThrow('more than');
    expect(read(tensor(4, 0, [8], [0]), [8])).toThrow('tensor w: [8] is more than its storage of 4 numbers');
    expect(read(tensor(4, 0, [2, -1], [1, 1]), [2, -1])).toThrow('no proper shape');
    expect(read(tensor(4, 0, [4], [1]), [4])).not.toThrow();
  });
});
