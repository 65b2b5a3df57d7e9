import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recording } from './conversations.ts';
import { slowModel } from './slow-model.ts';

export interface ModelFiles {
  readonly config: string;
  /** Undefined: the version's folder is empty. */
  readonly onnx: Buffer | undefined;
}

const modelOf = (name: string): { readonly config_pbtxt: string; readonly onnx_base64?: string } => {
  const model = recording.models[name];
  if (model === undefined) throw new Error(`no model is called ${name}`);
  return model;
};

/** The files of a recorded model; those that were only described are made. */
export function recorded(name: string, roundsPerMs: number): ModelFiles {
  const { config_pbtxt: config, onnx_base64: base64 } = modelOf(name);
  if (base64 === undefined) {
    // The one that makes others wait too long was slower than the others.
    const rounds = name === 'slow_dyn' ? Math.ceil(roundsPerMs * 1.4) : roundsPerMs;
    return { config, onnx: slowModel({ roundsPerMs: rounds, sequences: config.includes('sequence_batching') }) };
  }
  const text = base64.startsWith('same graph as ') ? (modelOf('acc').onnx_base64 ?? '') : base64;
  return { config, onnx: Buffer.from(text, 'base64') };
}

export const recordedNames = Object.keys(recording.models);

export function writeModel(
  repository: string,
  name: string,
  { config, onnx }: ModelFiles,
  version: number | 'none' = 1,
): void {
  const folder = join(repository, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.pbtxt'), config);
  if (version === 'none') return;
  mkdirSync(join(folder, String(version)), { recursive: true });
  if (onnx !== undefined) writeFileSync(join(folder, String(version), 'model.onnx'), onnx);
}

type Change = (files: ModelFiles) => ModelFiles;

const text =
  (from: string, to: string): Change =>
  ({ config, onnx }) => {
    if (!config.includes(from)) throw new Error(`the configuration does not hold ${from}`);
    return { config: config.replace(from, to), onnx };
  };

/** The models that must not load, or load and fail, by what makes them differ from `acc`; each is written by its own name. */
export const brokenModels: Readonly<Record<string, Change>> = {
  bad_onnx: ({ config }) => ({ config, onnx: Buffer.from('0123456789') }),
  bad_pbtxt: text('max_batch_size: 8', 'max_batch_size: 8\nno_such_field: 1'),
  bad_nofile: ({ config }) => ({ config, onnx: undefined }),
  bad_optional: text(
    'name: "h_init" data_type: TYPE_FP32 dims: [ 2 ]',
    'name: "h_init" data_type: TYPE_FP32 dims: [ 2 ] optional: true',
  ),
  bad_noinput: text(', { name: "h_init" data_type: TYPE_FP32 dims: [ 2 ] } ]\noutput', ' ]\noutput'),
  bad_indims: text(
    'name: "h_init" data_type: TYPE_FP32 dims: [ 2 ]',
    'name: "h_init" data_type: TYPE_FP32 dims: [ 3 ]',
  ),
  bad_intype: text('name: "h_init" data_type: TYPE_FP32', 'name: "h_init" data_type: TYPE_FP64'),
  bad_outname: text('{ name: "y"', '{ name: "yy"'),
  bad_ctltype: text('fp32_false_true', 'int32_false_true'),
  bad_ctlmissing: text('name: "START"', 'name: "START2"'),
  bad_nocontrol: text(
    'control_input [ { name: "START" control [ { kind: CONTROL_SEQUENCE_START fp32_false_true: [ 0, 1 ] } ] } ]',
    '',
  ),
  bad_statename: text('input_name: "h"', 'input_name: "hh"'),
  bad_stateout: text('output_name: "h_next"', 'output_name: "h_nope"'),
  bad_statedims: text(
    'data_type: TYPE_FP32 dims: [ 2 ] initial_state { data_type: TYPE_FP32 dims: [ 2 ]',
    'data_type: TYPE_FP32 dims: [ 3 ] initial_state { data_type: TYPE_FP32 dims: [ 3 ]',
  ),
  bad_statetype: text(
    'data_type: TYPE_INT64 dims: [ 1 ] initial_state { data_type: TYPE_INT64',
    'data_type: TYPE_INT32 dims: [ 1 ] initial_state { data_type: TYPE_INT32',
  ),
  bad_initdims: text(
    'initial_state { data_type: TYPE_FP32 dims: [ 2 ]',
    'initial_state { data_type: TYPE_FP32 dims: [ 3 ]',
  ),
  bad_initname: text(' name: "h0"', ''),
  bad_twoctl: text('fp32_false_true: [ 0, 1 ]', 'fp32_false_true: [ 0, 1, 2 ]'),
  bad_pref: text('oldest { ', 'oldest { preferred_batch_size: [ 16 ] '),
  bad_both: text('parameters {', 'dynamic_batching { }\nparameters {'),
  bad_backend: text('backend: "onnxruntime"', 'backend: "nobackend"'),
  bad_instances: text('kind: KIND_CPU', 'kind: KIND_GPU'),
};

/** All models of the conversations with explicit control: good ones, broken ones, and two without batches. */
export function writeExplicitRepository(repository: string, roundsPerMs: number): void {
  const acc = recorded('acc', roundsPerMs);
  writeModel(repository, 'acc', acc);
  for (const name of ['plain', 'slow_long']) writeModel(repository, name, recorded(name, roundsPerMs));
  for (const [name, change] of Object.entries(brokenModels)) {
    writeModel(repository, name, change({ ...acc, config: acc.config.replace('name: "acc"', `name: "${name}"`) }));
  }
  writeModel(repository, 'bad_name', acc);
  writeModel(repository, 'bad_nover', { ...acc, config: acc.config.replace('"acc"', '"bad_nover"') }, 'none');
  const plain = recorded('plain', roundsPerMs);
  writeModel(repository, 'ok_mb0', {
    ...plain,
    config: plain.config
      .replace('"plain"', '"ok_mb0"')
      .replace('max_batch_size: 4', 'max_batch_size: 0')
      .replaceAll('dims: [ -1 ]', 'dims: [ -1, -1 ]')
      .replace('dynamic_batching { }', ''),
  });
  writeModel(repository, 'seq_mb0', {
    ...acc,
    config: acc.config
      .replace('"acc"', '"seq_mb0"')
      .replace('max_batch_size: 8', 'max_batch_size: 0')
      .replaceAll('dims: [ -1, 2 ]', 'dims: [ -1, -1, 2 ]')
      .replaceAll('dims: [ 2 ]', 'dims: [ -1, 2 ]')
      .replaceAll('dims: [ 1 ]', 'dims: [ -1, 1 ]'),
  });
}
