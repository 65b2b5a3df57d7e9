import { serveGrpc } from '../../kserve/server.ts';
import type { Core } from './answers/core.ts';
import { openService, type CountedService } from './answers/service.ts';
import { openPool } from './execution/pool.ts';
import { serveHttp, type HttpServer } from './http/listen.ts';
import { metricsText } from './http/metrics.ts';
import { httpRoutes } from './http/routes.ts';
import { openRepository, type IndexRow } from './repository/repository.ts';
import { foldersIn } from './repository/scan.ts';
import type { InferenceServerSettings } from './settings.ts';

export interface RunningInferenceServer {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly metricsPort: number;
  /** What is served when the models of the start have been tried, and why others are not. */
  readonly loaded: Promise<readonly IndexRow[]>;
  /** Lets sequences end, within the exit timeout; true: they all have. */
  stop(): Promise<boolean>;
  /** Stops at once. */
  kill(): Promise<void>;
}

const lookMs = 20;

/** Answers from the first moment on, health above all; models come as they are loaded. `loaded` fails where that is a reason to stop. */
export async function startInferenceServer(settings: InferenceServerSettings): Promise<RunningInferenceServer> {
  const { host, workers, maxSessionBytes, execArgv } = settings;
  const pool = openPool({ workers, maxSessionBytes, ...(execArgv === undefined ? {} : { execArgv }) });
  const repository = openRepository({ folder: settings.repository, pool, warn: settings.warn });
  const core: Core = { settings, repository, pool, phase: 'loading', beganAt: performance.now() };
  const service = openService(core);
  const ends: (() => unknown)[] = [];
  try {
    const names = await namesOf(settings);
    repository.expect(names);
    const grpc = await serveGrpc(service, { host, port: settings.grpcPort });
    ends.push(() => {
      const closed = grpc.close();
      grpc.cut();
      return closed;
    });
    const http = await serveHttp(httpRoutes(core), { host, port: settings.httpPort });
    ends.push(() => {
      http.end();
    });
    const metrics = await serveHttp(metricsText(core), { host, port: settings.metricsPort });
    ends.push(() => {
      metrics.end();
    });
    const kill = async (): Promise<void> => {
      core.phase = 'exiting';
      await Promise.all(ends.map((end) => end()));
      for (const served of repository.served) served.close();
      await pool.end();
    };
    const loaded = loadAll(core, names);
    // Whoever does not ask is not to be ended by it.
    loaded.catch(() => undefined);
    return {
      grpcPort: grpc.port,
      httpPort: http.port,
      metricsPort: metrics.port,
      loaded,
      stop: async () => {
        const inTime = await drain(core, service, http);
        await kill();
        return inTime;
      },
      kill,
    };
  } catch (thrown) {
    await Promise.all([...ends.map((end) => end()), pool.end()]);
    throw thrown;
  }
}

async function namesOf({ control, load, repository }: InferenceServerSettings): Promise<ReadonlySet<string>> {
  const names = control === 'explicit' ? load.filter((name) => name !== '*') : [];
  const all = control === 'none' || load.includes('*') ? await foldersIn(repository) : [];
  return new Set([...all, ...names]);
}

async function loadAll(core: Core, names: ReadonlySet<string>): Promise<readonly IndexRow[]> {
  const { settings, repository } = core;
  const { exitOnError } = settings;
  const failures: string[] = [];
  for (const name of names) {
    await repository.load(name).catch((thrown: unknown) => {
      failures.push(thrown instanceof Error ? thrown.message.trimEnd() : String(thrown));
    });
  }
  if (failures.length > 0 && exitOnError) throw new Error(['failed to load all models', ...failures].join('\n  '));
  if (core.phase === 'loading') core.phase = 'serving';
  return repository.index(false);
}

/**
 * As Triton goes: HTTP closes at once, nothing new begins, sequences that live may go on until they end.
 * Open streams are waited for too; unlike Triton, no longer than sequences are.
 */
async function drain(core: Core, service: CountedService, http: HttpServer): Promise<boolean> {
  const { repository, settings } = core;
  core.phase = 'exiting';
  http.end();
  const until = performance.now() + settings.exitTimeoutMs;
  for (const { scheduler } of repository.served) scheduler.refuseStarts();
  const busy = (): boolean => repository.served.some(({ scheduler }) => scheduler.live > 0 || scheduler.pending > 0);
  const unloadIdle = async (): Promise<void> => {
    const idle = repository.served.filter(({ scheduler }) => scheduler.live === 0 && scheduler.pending === 0);
    for (const name of new Set(idle.map(({ plan }) => plan.model))) await repository.unload(name);
  };
  await unloadIdle();
  while ((busy() || service.openStreams > 0) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    await unloadIdle();
  }
  return !busy();
}
