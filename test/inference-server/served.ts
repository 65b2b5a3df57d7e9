import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChannel, type Channel } from '../../src/kserve/client.ts';
import type { InferRequest, InferResponse, Parameter } from '../../src/kserve/infer.ts';
import { openStream } from '../../src/kserve/stream.ts';
import { startInferenceServer, type RunningInferenceServer } from '../../src/embedded/inference-server/server.ts';
import { defaults, type InferenceServerSettings } from '../../src/embedded/inference-server/settings.ts';
import { recorded, type ModelFiles } from '../contract/inference/repositories.ts';

export interface Served extends RunningInferenceServer {
  readonly address: string;
  readonly channel: Channel;
  readonly warnings: readonly string[];
  end(): Promise<void>;
}

export const loaders = ['--import', join(import.meta.dirname, '..', 'support', 'typescript.mjs')];

/** A server in this process, over a repository of its own that goes with it. */
export async function serve(
  models: Readonly<Record<string, ModelFiles>>,
  settings: Partial<InferenceServerSettings> = {},
): Promise<Served> {
  const repository = mkdtempSync(join(tmpdir(), 'downlink-models-'));
  for (const [name, { config, onnx }] of Object.entries(models)) {
    mkdirSync(join(repository, name, '1'), { recursive: true });
    writeFileSync(join(repository, name, 'config.pbtxt'), config);
    if (onnx !== undefined) writeFileSync(join(repository, name, '1', 'model.onnx'), onnx);
  }
  const warnings: string[] = [];
  const running = await startInferenceServer({
    ...defaults,
    repository,
    grpcPort: 0,
    httpPort: 0,
    metricsPort: 0,
    execArgv: loaders,
    warn: (text) => warnings.push(text),
    ...settings,
  });
  const address = `127.0.0.1:${running.grpcPort}`;
  const channel = openChannel({ address });
  await running.loaded;
  return {
    ...running,
    address,
    channel,
    warnings,
    end: async () => {
      channel.close();
      await running.kill();
      rmSync(repository, { recursive: true });
    },
  };
}

/** The accumulator of the recorded conversations: y = h + running sum of x. */
export const accumulator = (change: (config: string) => string = (config) => config): ModelFiles => {
  const { config, onnx } = recorded('acc', 1);
  return { config: change(config), onnx };
};

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

export interface StepOptions {
  readonly start?: boolean;
  readonly end?: boolean;
  readonly model?: string;
  /** Of x; each row is [value, 0]. */
  readonly rows?: readonly number[];
}

export function step(
  sequence: string,
  { start = false, end = false, model = 'acc', rows = [1] }: StepOptions = {},
): InferRequest {
  const none = new Map<string, Parameter>();
  return {
    model,
    version: '',
    id: '',
    parameters: new Map<string, Parameter>([
      ['sequence_id', { kind: 'string', value: sequence }],
      ['sequence_start', { kind: 'bool', value: start }],
      ['sequence_end', { kind: 'bool', value: end }],
    ]),
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [1, rows.length, 2], parameters: none },
      { name: 'h_init', datatype: 'FP32', shape: [1, 2], parameters: none },
    ],
    outputs: [],
    raw: [floats(...rows.flatMap((value) => [value, 0])), floats(0, 0)],
  };
}

const rowsOf = ({ outputs }: InferResponse): number => {
  const bytes = outputs.find(({ name }) => name === 'n_out')?.bytes ?? new Uint8Array(8);
  return Number(Buffer.from(bytes).readBigInt64LE());
};

/** For each request of one stream how many rows its sequence has seen, or why it was refused. */
export const rowsSeenOverStream = (
  { address }: Served,
  requests: readonly InferRequest[],
): Promise<readonly (number | string)[]> =>
  new Promise((resolve, reject) => {
    const seen: (number | string)[] = [];
    const stream = openStream(
      { address },
      {
        answered: ({ error, response }) => {
          seen.push(error === '' ? rowsOf(response) : error);
        },
        ended: (refusal) => {
          if (refusal === undefined) resolve(seen);
          else reject(refusal);
        },
      },
    );
    for (const request of requests) stream.send(request);
    stream.halfClose();
  });

/** How many rows the sequence has seen. */
export async function rowsSeen({ channel }: Served, request: InferRequest): Promise<number> {
  return rowsOf(await channel.infer(request, 10_000));
}
