import { openOnnx, type OnnxModel } from '../embedded/inference-server/onnx.ts';

/** A model file in ONNX Runtime, open for as long as the work takes. */
export async function withOnnx<Result>(file: Uint8Array, work: (onnx: OnnxModel) => Promise<Result>): Promise<Result> {
  const onnx = await openOnnx(file);
  try {
    return await work(onnx);
  } finally {
    await onnx.close();
  }
}
