/** @jest-environment ./test/models/onnx-environment.mjs */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isJobModel, readAnyModel } from '../../src/models/repository.ts';
import { downlink } from './run-downlink.ts';
import { writeOnnx, type Node, type Value } from './write-onnx.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function imported(file: Uint8Array, ...more: readonly string[]) {
  const path = join(folder, 'given.onnx');
  writeFileSync(path, file);
  return downlink('model', 'import', '--onnx', path, '--name', 'mine', '--repository', folder, ...more);
}

function metadata() {
  const model = readAnyModel(folder, 'mine');
  if (!isJobModel(model)) throw new Error('no job model');
  return model.metadata;
}

const config = (): string => readFileSync(join(folder, 'mine', 'config.pbtxt'), 'utf8');

const rows = (name: string, ...shape: Value['shape']): Value => ({ name, shape: ['batch', ...shape] });
const node = (op: string, input: string, output: string): Node => ({ op, inputs: [input], outputs: [output] });

/** [batch, 4] to its absolute numbers and its negative ones. */
const twoAnswers = writeOnnx(
  [rows('x', 4)],
  [rows('size', 4), rows('turned', 4)],
  [node('Abs', 'x', 'size'), node('Neg', 'x', 'turned')],
);

describe('a model of any making', () => {
  it('is taken with its shape, and said to have answered', async () => {
    expect(await imported(twoAnswers)).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^mine: written to .*; it takes 4 numbers\ntried with 4: it answered size, FP32 \[4\], which begins with \d/,
      ),
      err: '',
    });
    expect(metadata()).toMatchObject({
      kind: 'onnx',
      task: 'plain',
      least: 4,
      most: 4,
      input: 'x',
      datatype: 'FP32',
      shape: [4],
      output: 'size',
    });
    expect(readFileSync(join(folder, 'mine', '1', 'model.onnx')).equals(twoAnswers)).toBe(true);
    expect(config()).toContain('  { name: "x" data_type: TYPE_FP32 dims: [ 4 ] }\n');
    expect(config()).toContain('instance_group [ { count: 1 kind: KIND_CPU } ]');
    expect((await downlink('model', 'ls', '--repository', folder)).out).toMatch(/mine {3}onnx {2}plain {2}series of 4/);
    const checked = await downlink('model', 'check', '--repository', folder);
    expect([checked.code, checked.err]).toEqual([0, '']);
  });

  it('answers with the output that was chosen', async () => {
    expect((await imported(twoAnswers, '--output', 'turned')).code).toBe(0);
    expect(metadata()).toMatchObject({ output: 'turned' });
    expect(config()).toContain('output [\n  { name: "turned" data_type: TYPE_FP32 dims: [ 4 ] }\n]');
    const none = await imported(twoAnswers, '--output', 'other');
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('no output other: it answers size, turned')]);
  });

  it('may have one length that is open, and numbers of double precision', async () => {
    const open = writeOnnx(
      [{ ...rows('x', 'steps', 3), type: 'float64' }],
      [{ ...rows('y', 'steps', 3), type: 'float64' }],
      [node('Abs', 'x', 'y')],
    );
    expect((await imported(open)).out).toContain('it takes 3 to 510 numbers');
    expect(metadata()).toMatchObject({ datatype: 'FP64', shape: [-1, 3], least: 3, most: 510 });
    expect(config()).toContain('{ name: "x" data_type: TYPE_FP64 dims: [ -1, 3 ] }');
  });

  it('that needs a longer series says so by failing on shorter ones', async () => {
    const firstEight = writeOnnx(
      [rows('x', 'steps')],
      [rows('y', 8)],
      [
        { op: 'Slice', inputs: ['x', 'from', 'to', 'axis'], outputs: ['some'] },
        { op: 'Reshape', inputs: ['some', 'eight'], outputs: ['y'] },
      ],
      [
        { name: 'from', shape: [1], data: [0], type: 'int64' },
        { name: 'to', shape: [1], data: [8], type: 'int64' },
        { name: 'axis', shape: [1], data: [1], type: 'int64' },
        { name: 'eight', shape: [2], data: [-1, 8], type: 'int64' },
      ],
    );
    expect((await imported(firstEight)).out).toContain('it takes 8 to 512 numbers');
  });

  it('that takes no longer series says so by failing on longer ones', async () => {
    const places = Array.from({ length: 100 }, (_, at) => at);
    // Each place has a number of its own, and there are 100: a series of more has nowhere to look.
    const placed = writeOnnx(
      [rows('x', 'steps')],
      [rows('y', 'steps')],
      [
        node('Shape', 'x', 'shape'),
        { op: 'Gather', inputs: ['shape', 'one'], outputs: ['steps'] },
        { op: 'Range', inputs: ['none', 'steps', 'step'], outputs: ['at'] },
        { op: 'Gather', inputs: ['places', 'at'], outputs: ['own'] },
        { op: 'Add', inputs: ['x', 'own'], outputs: ['y'] },
      ],
      [
        { name: 'one', shape: [], data: [1], type: 'int64' },
        { name: 'none', shape: [], data: [0], type: 'int64' },
        { name: 'step', shape: [], data: [1], type: 'int64' },
        { name: 'places', shape: [100], data: places },
      ],
    );
    expect((await imported(placed)).out).toContain('it takes 1 to 64 numbers');
  });

  it('is asked of Triton by TensorRT where that is wanted', async () => {
    const { out } = await imported(twoAnswers, '--tensorrt');
    expect(out).toContain('the embedded inference server refuses what asks for TensorRT');
    expect(config()).toContain(
      'optimization { execution_accelerators { gpu_execution_accelerator : [ { name : "tensorrt" } ] } }',
    );
    expect(config()).toContain('instance_group [ { count: 1 kind: KIND_GPU } ]');
  });
});

const abs = (input: Value, output: Value): Buffer =>
  writeOnnx([input], [output], [node('Abs', input.name, output.name)]);

describe('a model that cannot be served is refused, and it is said what to do', () => {
  it.each<[string, Uint8Array, string]>([
    [
      'without a batch',
      abs({ name: 'x', shape: [1, 4] }, { name: 'y', shape: [1, 4] }),
      'input x is [1, 4]: it has no batch dimension: export the model with an open first length',
    ],
    [
      'of a batch only',
      abs({ name: 'x', shape: ['n'] }, { name: 'y', shape: ['n'] }),
      'input x is [n]: the batch is its only dimension: give it one more, with a Reshape to [-1, 1]',
    ],
    [
      'of texts',
      writeOnnx(
        [{ ...rows('x', 4), type: 'string' }],
        [{ ...rows('y', 4), type: 'string' }],
        [node('Identity', 'x', 'y')],
      ),
      'input x is of type string: a series is FP32 or FP64; put a Cast before it',
    ],
    [
      'of whole numbers',
      abs({ ...rows('x', 4), type: 'int64' }, { ...rows('y', 4), type: 'int64' }),
      'input x is of type INT64: a series is FP32 or FP64',
    ],
    [
      'with two inputs',
      writeOnnx([rows('a', 4), rows('b', 4)], [rows('y', 4)], [{ op: 'Add', inputs: ['a', 'b'], outputs: ['y'] }]),
      'the model takes 2 inputs (a, b): a series is one; join them in the model',
    ],
    [
      'with several open lengths',
      abs(rows('x', 'a', 'b'), rows('y', 'a', 'b')),
      'input x has 2 open lengths beside the batch, [batch, a, b]',
    ],
    [
      'whose answer is no tensor',
      writeOnnx([rows('x', 4)], [{ name: 'y', type: 'sequence', shape: [] }], [node('SequenceConstruct', 'x', 'y')]),
      'output y is of type no tensor',
    ],
    [
      'whose answers are not one a series',
      writeOnnx(
        [rows('x', 4)],
        [{ name: 'y', shape: ['some', 2] }],
        [{ op: 'Reshape', inputs: ['x', 'pairs'], outputs: ['y'] }],
        [{ name: 'pairs', shape: [2], data: [-1, 2], type: 'int64' }],
      ),
      'to 2 series it answered y as [4, 2]: the first length must be that of the batch',
    ],
    [
      'whose rows look at each other',
      writeOnnx(
        [rows('x', 4)],
        [rows('y', 4)],
        [
          { op: 'ReduceMean', inputs: ['x'], outputs: ['mean'], attributes: { keepdims: 1 } },
          { op: 'Sub', inputs: ['x', 'mean'], outputs: ['y'] },
        ],
      ),
      'what it answers to a series depends on the others of the batch',
    ],
    [
      'that answers no numbers',
      writeOnnx(
        [rows('x', 4)],
        [rows('y', 4)],
        [
          { op: 'Sub', inputs: ['x', 'x'], outputs: ['zero'] },
          { op: 'Div', inputs: ['x', 'zero'], outputs: ['y'] },
        ],
      ),
      'it answered what is no finite number',
    ],
    [
      'whose weights lie elsewhere',
      writeOnnx(
        [rows('x', 4)],
        [rows('y', 4)],
        [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
        [{ name: 'w', shape: [4], data: [1, 2, 3, 4], elsewhere: 'weights.bin' }],
      ),
      'save the model as one file, without external data',
    ],
    ['that is damaged', twoAnswers.subarray(0, 40), 'ONNX Runtime cannot read it'],
  ])('%s', async (_, file, says) => {
    const { code, err } = await imported(file);
    expect(err).toContain(says);
    expect(code).toBe(1);
    expect(existsSync(join(folder, 'mine'))).toBe(false);
  });

  it('with a name that cannot be a folder', async () => {
    const path = join(folder, 'given.onnx');
    writeFileSync(path, twoAnswers);
    const { code, err } = await downlink('model', 'import', '--onnx', path, '--name', '../x', '--repository', folder);
    expect([code, err]).toEqual([1, expect.stringContaining('cannot be a name')]);
  });
});
