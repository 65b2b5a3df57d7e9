import type { OnnxModel, OnnxTensor } from '../../embedded/inference-server/onnx.ts';

/** The inputs of one series, by name; all series of a run have the same. */
export type SeriesRow = Readonly<Record<string, Float32Array>>;

/** Several series in one run, as an inference server's dynamic batcher would; of each the outputs by name. */
export async function runSeries(onnx: OnnxModel, rows: readonly SeriesRow[]): Promise<readonly SeriesRow[]> {
  const count = rows.length;
  const feeds = Object.fromEntries(
    Object.keys(rows[0] ?? {}).map((name): [string, OnnxTensor] => {
      const size = rows[0]?.[name]?.length ?? 0;
      const data = new Float32Array(count * size);
      rows.forEach((row, at) => data.set(row[name] ?? [], at * size));
      return [name, { datatype: 'FP32', shape: [count, size], data }];
    }),
  );
  const outputs = Object.entries(await onnx.run(feeds));
  return rows.map((_, at) =>
    Object.fromEntries(
      outputs.map(([name, { data }]) => {
        const size = data.length / count;
        return [name, Float32Array.from(data.slice(at * size, (at + 1) * size) as Float32Array)];
      }),
    ),
  );
}
