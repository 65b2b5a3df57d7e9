/** @jest-environment ./test/models/onnx-environment.mjs */
import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, withModel } from './repository.ts';

const configOf = (name: string): string => readFileSync(join(repository, name, 'config.pbtxt'), 'utf8');

const types: Readonly<Record<string, string>> = { TYPE_FP32: 'FP32', TYPE_INT64: 'INT64' };

/** `{ name: "x" data_type: TYPE_FP32 dims: [ -1, 25 ] }` as [x, FP32, [-1, 25]] */
function declaredIn(
  text: string,
  names: RegExp,
): readonly (readonly [name: string, type: string, dims: readonly number[]])[] {
  const entry = /([a-z_]*name): "(\w+)"[^{}]*? data_type: (\w+) dims: \[ ([-\d, ]+) \]/g;
  return [...text.matchAll(entry)]
    .filter(([, , name]) => names.test(name ?? ''))
    .map(([, , name = '', type = '', dims = '']) => [name, types[type] ?? '', dims.split(', ').map(Number)] as const);
}

describe.each(['smap_fleet', 'smap_A-1'])('the config of %s', (name) => {
  const config = configOf(name);

  it('declares every input and output of the graph, with its type and shape', async () => {
    await withModel(name, (onnx) => {
      const graph = [...onnx.inputs, ...onnx.outputs].map(
        ({ name, datatype, shape }) => [name, datatype, shape.slice(1)] as const,
      );
      const declared = declaredIn(config, /^(values|h_init|entity|reconstruction|score|h_out|n_out|h_prev|n_prev)$/);
      for (const [tensor, datatype, dims] of declared) {
        const found = graph.find(([name]) => name === tensor);
        expect([tensor, found?.[1]]).toEqual([tensor, datatype]);
        expect([tensor, found?.[2].map((size) => (typeof size === 'number' && size >= 0 ? size : -1))]).toEqual([
          tensor,
          dims,
        ]);
      }
      const controls = ['START', 'READY'];
      expect(onnx.inputs.map(({ name }) => name).sort()).toEqual(
        [
          ...declared.map(([tensor]) => tensor).filter((tensor) => !/reconstruction|score|_out/.test(tensor)),
          ...controls,
        ].sort(),
      );
      expect(onnx.outputs.map(({ name }) => name).sort()).toEqual([
        'h_next',
        'h_out',
        'n_next',
        'n_out',
        'reconstruction',
        'score',
      ]);
      return Promise.resolve();
    });
  });

  it('pairs its states as Triton does, by the order of their names', () => {
    const pairs = [...config.matchAll(/input_name: "(\w+)" output_name: "(\w+)"/g)];
    const [inputs, outputs] = [pairs.map(([, input]) => input), pairs.map(([, , output]) => output)];
    expect([inputs, outputs]).toEqual([[...inputs].sort(), [...outputs].sort()]);
    expect(config.match(/initial_state \{[^}]*zero_data: true \}/g)).toHaveLength(2);
  });

  it('lists no state as an output', () => {
    const [outputs = ''] = /^output \[[^]*?^\]/m.exec(config) ?? [];
    expect(outputs).toContain('h_out');
    expect(outputs).not.toMatch(/_next/);
  });

  it('leaves places for sequences that nobody ended', () => {
    const [, places] = /max_candidate_sequences: (\d+)/.exec(config) ?? [];
    expect(Number(places)).toBe(name === 'smap_fleet' ? 1080 : 64);
    expect(config).toContain('max_sequence_idle_microseconds: 600000000');
    expect(config).toContain('instance_group [ { count: 1 kind: KIND_CPU } ]');
  });
});
