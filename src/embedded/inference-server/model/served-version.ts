import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../../../kserve/status.ts';
import { openDynamic } from '../batching/dynamic.ts';
import type { Scheduler } from '../batching/scheduler.ts';
import { completeFromFile, complete } from '../config/complete-config.ts';
import type { ModelConfig } from '../config/model-config.ts';
import { openExecutor } from '../execution/executor.ts';
import type { Pool, Session, SessionSource } from '../execution/pool.ts';
import type { Loaded } from '../execution/protocol.ts';
import { warmUp } from '../execution/warm-up.ts';
import { openSequenceScheduler } from '../sequences/open-scheduler.ts';
import { mismatch } from './check-file.ts';
import { planOf, type Plan } from './plan.ts';
import { sessionOptions } from './session-options.ts';
import { openStatistics, type Statistics } from './statistics.ts';
import { typeNames } from './type-names.ts';

/** One version of a model that answers requests. */
export interface ServedVersion {
  readonly config: ModelConfig;
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly statistics: Statistics;
  readonly loadSeconds: number;
  close(): void;
}

export interface VersionSource {
  readonly config: ModelConfig;
  readonly name: string;
  readonly version: number;
  /** The folder of the model. */
  readonly folder: string;
  /** What a client sent in place of the folder's files, by their paths in it. */
  readonly files: ReadonlyMap<string, Buffer> | undefined;
}

/** Throws a Refusal with the reason. */
export async function openVersion(source: VersionSource, pool: Pool): Promise<ServedVersion> {
  const began = performance.now();
  const { name, version } = source;
  checkPlacement(source.config, name);
  const { session, file } = await openSession(source, pool);
  try {
    const config = complete(completeFromFile(source.config, fileView(file)), name);
    const found = mismatch(config, file);
    if (found !== undefined) throw found;
    const plan = planOf(config, String(version), file, await initialFiles(source));
    pool.wire(session, plan.wiring);
    if (plan.broken === undefined) await warmUp(plan, session, pool);
    const statistics = openStatistics();
    const scheduler = openScheduler(config, plan, session, pool, statistics);
    return {
      config,
      plan,
      scheduler,
      statistics,
      loadSeconds: (performance.now() - began) / 1000,
      close: () => {
        scheduler.close();
        pool.close(session);
      },
    };
  } catch (thrown) {
    pool.close(session);
    throw thrown;
  }
}

function checkPlacement({ platform = '', backend = '', instance_group: groups = [] }: ModelConfig, name: string): void {
  const wanted = backend === '' ? platform.replace(/_onnx$/, '') : backend;
  if (wanted !== 'onnxruntime') {
    throw new Refusal(
      'INVALID_ARGUMENT',
      `unable to find backend library for backend '${wanted}', try specifying runtime on the model configuration.`,
    );
  }
  const onGpu = groups.find(({ kind }) => kind === 'KIND_GPU');
  if (onGpu === undefined) return;
  const group = onGpu.name ?? `${name}_${groups.indexOf(onGpu)}`;
  throw new Refusal(
    'INVALID_ARGUMENT',
    `instance group ${group} of model ${name} has kind KIND_GPU but no GPUs are available`,
  );
}

async function openSession(source: VersionSource, pool: Pool): Promise<{ session: Session; file: Loaded }> {
  const { config, version, folder, files } = source;
  const inFolder = `${version}/${config.default_model_filename ?? 'model.onnx'}`;
  const path = join(folder, inFolder);
  const sent = files?.get(inFolder);
  const bytes = sent?.length ?? (files === undefined ? await sizeOf(path) : undefined);
  if (bytes === undefined) throw new Refusal('INTERNAL', `failed to stat file ${path}`);
  const session: SessionSource = { source: sent ?? path, bytes, options: sessionOptions(config) };
  try {
    return await pool.open(session);
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const code = text.includes('Protobuf parsing failed') ? 7 : 1;
    throw new Refusal('INTERNAL', `onnx runtime error ${code}: ${text}`);
  }
}

const sizeOf = async (path: string): Promise<number | undefined> => {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
};

/** What the files of initial states hold, by their names. */
async function initialFiles({ config, folder, files }: VersionSource): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const state of config.sequence_batching?.state ?? []) {
    const { data_file: file } = state.initial_state?.[0] ?? {};
    if (file === undefined) continue;
    const sent = files?.get(`initial_state/${file}`);
    try {
      found.set(file, sent ?? (await readFile(join(folder, 'initial_state', file))));
    } catch {
      throw new Refusal(
        'INVALID_ARGUMENT',
        `failed to read initial state file '${join(folder, 'initial_state', file)}'`,
      );
    }
  }
  return found;
}

const fileView = ({ inputs, outputs }: Loaded): Parameters<typeof completeFromFile>[1] => {
  const view = (tensors: Loaded['inputs']) =>
    tensors.map(({ name, type, dims }) => ({
      name,
      dims,
      dataType: Object.values(typeNames).find(({ runtime }) => runtime === type)?.config ?? 'TYPE_INVALID',
    }));
  return { inputs: view(inputs), outputs: view(outputs) };
};

function openScheduler(
  config: ModelConfig,
  plan: Plan,
  session: Session,
  pool: Pool,
  statistics: Statistics,
): Scheduler {
  const execute = openExecutor(plan, session, pool, statistics);
  const instances = (config.instance_group ?? []).reduce((sum, { count = 1 }) => sum + count, 0);
  return config.sequence_batching === undefined
    ? openDynamic({ config, maxBatch: plan.maxBatch, instances, pool, execute })
    : openSequenceScheduler({
        model: plan.model,
        config: config.sequence_batching,
        controls: plan.controls,
        maxBatch: plan.maxBatch,
        instances,
        pool,
        execute,
      });
}
