import { readFileSync } from 'node:fs';
import type { PlainModel } from '../../contract/model.ts';
import { openOnnx, type OnnxModel } from '../../embedded/inference-server/onnx.ts';
import { about } from '../meta.ts';
import { refused, wordsOf } from '../refused.ts';
import type { NewJobModel } from './job-model-files.ts';
import { plainTensors } from './plain-model.ts';
import { tryPlain, type Trial } from './plain-trial.ts';

export interface ImportedOnnx {
  readonly model: NewJobModel;
  readonly trial: Trial;
}

/** A model of any making, asked once before it is taken. */
export async function importOnnx(
  path: string,
  { output: wanted, tensorrt = false }: { readonly output?: string; readonly tensorrt?: boolean },
): Promise<ImportedOnnx> {
  const file = about(path, () => readFileSync(path));
  const onnx = await opened(path, file);
  try {
    const tensors = plainTensors(onnx, wanted);
    const { input, output } = tensors;
    const trial = await tryPlain(onnx, tensors);
    const metadata = (weights: string): PlainModel => ({
      kind: 'onnx',
      task: 'plain',
      weights,
      least: trial.least,
      most: trial.most,
      input: input.name,
      datatype: input.datatype,
      shape: input.dims,
      output: output.name,
    });
    return { model: { file, inputs: [input], outputs: [output], metadata, tensorrt }, trial };
  } catch (thrown) {
    throw refused(`${path}: ${wordsOf(thrown)}`, thrown);
  } finally {
    await onnx.close();
  }
}

/** Read from memory, as the file will be alone in its folder: weights that lie in others would not come along. */
async function opened(path: string, file: Uint8Array): Promise<OnnxModel> {
  try {
    return await openOnnx(file);
  } catch (thrown) {
    const words = wordsOf(thrown);
    const remedy = /external/i.test(words) ? '; save the model as one file, without external data' : '';
    throw refused(`${path}: ONNX Runtime cannot read it: ${words}${remedy}`, thrown);
  }
}
