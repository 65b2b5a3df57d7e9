import { join } from 'node:path';
import { openOnnx, type OnnxModel } from '../../src/embedded/inference-server/onnx.ts';
import { readModel, type StoredModel } from '../../src/models/repository.ts';

export const repository = join(import.meta.dirname, '../../model_repository');
export const data = join(import.meta.dirname, 'data');

/** A model that is in the repository, open for as long as the work takes. */
export async function withModel<Result>(
  name: string,
  work: (onnx: OnnxModel, stored: StoredModel) => Promise<Result>,
): Promise<Result> {
  const stored = readModel(repository, name);
  const onnx = await openOnnx(stored.file);
  try {
    return await work(onnx, stored);
  } finally {
    await onnx.close();
  }
}
