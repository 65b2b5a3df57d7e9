import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { openApp } from '../../api/app.ts';
import { declarations } from '../../pipeline/declarations.ts';
import { modelFolder } from '../../pipeline/inference-of.ts';
import { runTopology } from '../../pipeline/run-topology.ts';
import type { WorkerMessage } from '../../pipeline/supervise.ts';
import type { Settings } from '../../pipeline/settings.ts';
import { classify, DownlinkError } from '../../errors.ts';
import { readPem } from '../../pipeline/read-pem.ts';
import { emitTo } from '../../telemetry/events.ts';
import { openLog } from '../../telemetry/log.ts';
import { openMetrics } from '../../telemetry/metrics.ts';
import { startTelemetry } from '../../telemetry/server.ts';
import { hereOrShipped } from '../here-or-shipped.ts';
import { isListenError, sayCannotListen } from '../listening.ts';
import { settingsOrProblems } from '../load-settings.ts';
import { sayReady } from '../say-ready.ts';
import type { ExitCode, Shell } from '../verb.ts';
import { keysFrom } from './keys-from.ts';
import { openParts } from './open-parts.ts';

export interface ServeOptions {
  readonly topology: readonly string[];
  readonly port: number;
  readonly host: string;
  readonly models: string;
  readonly origin: readonly string[];
  readonly withStages?: true;
  readonly behindProxy?: true;
  readonly requestsPerMinute: number;
  readonly metricsHost: string;
  readonly metricsPort: number;
}

const shipped = ['topologies/timeseries.yaml', 'topologies/smap.yaml'];
const againMs = 1_000;

/** The API in this process, until it is told to stop. */
export async function serveApi(options: ServeOptions, shell: Shell): Promise<ExitCode> {
  const { host, port } = options;
  const files = options.topology.length === 0 ? shipped : options.topology;
  const loaded = files.map((file) => settingsOrProblems(file, shell));
  const settings = loaded.filter((one): one is Settings => one !== undefined);
  const [first] = settings;
  if (first === undefined || settings.length < files.length) return 1;
  const { environment } = first;
  const keys = keysFrom(environment.api, (line) => shell.err(`${line}\n`));
  if (keys === undefined && !isLoopback(host))
    throw new DownlinkError(
      'config-invalid',
      `--host ${host}: without keys whoever reaches it may do everything; make some with \`downlink api key\` and name them in ` +
        'DOWNLINK_API_KEYS_FILE, or listen on 127.0.0.1',
    );

  const metrics = openMetrics({ ofProcess: true });
  const emit = emitTo(metrics.listen, openLog({ write: shell.err, terminal: shell.terminal === true }));
  const stopping = new AbortController();
  const told = shell.untilToldToStop().then(() => stopping.abort());
  const models = options.models === 'model_repository' ? modelFolder : hereOrShipped(options.models);
  const clientId = `downlink-${randomUUID()}`;
  shell.tell?.({ says: 'client', clientId } satisfies WorkerMessage);
  let fail: (error: DownlinkError) => void = () => undefined;
  const failed = new Promise<DownlinkError>((resolve) => (fail = resolve));
  const running =
    options.withStages === true
      ? runTopology({
          settings: first,
          definitions: declarations,
          models,
          emit,
          clientId,
          onFailure: fail,
          signal: stopping.signal,
        })
      : Promise.resolve(undefined);
  running.catch((thrown: unknown) => fail(classify(thrown)));
  const opened = await persisting(stopping.signal, shell, () =>
    openParts({ settings, models, keys, emit, note: (line) => shell.err(`${line}\n`) }),
  );
  if (opened === undefined) {
    await (await running)?.stop();
    return 0;
  }
  try {
    const { api } = environment;
    const app = await openApp({
      parts: opened.parts,
      limits: { perMinute: options.requestsPerMinute },
      origins: options.origin,
      behindProxy: options.behindProxy === true,
      ...(api.tls === undefined
        ? {}
        : {
            tls: {
              cert: Buffer.from(readPem('DOWNLINK_API_TLS_CERT', api.tls.cert)),
              key: Buffer.from(readPem('DOWNLINK_API_TLS_KEY', api.tls.key)),
            },
          }),
    });
    const readiness = { reasons: () => [] };
    const telemetry = await startTelemetry({
      metrics,
      readiness,
      host: options.metricsHost,
      port: options.metricsPort,
    });
    try {
      const url = await app.listen({ host, port });
      const stages = await running;
      const open = keys === undefined ? '; no keys are set: whoever is on this machine may do everything' : '';
      sayReady(shell, `API on ${url}, described in ${url}/openapi.json; ${telemetry.url}/metrics${open}`, { api: url });
      const failure = await Promise.race([told, opened.failed, failed]);
      await stages?.stop();
      if (failure !== undefined) throw classify(failure);
      return 0;
    } finally {
      await Promise.all([app.close(), telemetry.close()]);
    }
  } catch (error) {
    if (!isListenError(error)) throw error;
    sayCannotListen(shell, `${host}:${port}`, error);
    return 1;
  } finally {
    await opened.close();
  }
}

const isLoopback = (host: string): boolean => /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host);

/** What it needs may come later than it. */
async function persisting<T>(signal: AbortSignal, shell: Shell, attempt: () => Promise<T>): Promise<T | undefined> {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      return await attempt();
    } catch (thrown) {
      const error = classify(thrown);
      if (error.verdict !== 'retry') throw error;
      if (tries === 0) shell.err(`${error.message}; it is tried again until there is an answer\n`);
      // Told to stop while it waits, it looks at the signal next.
      await delay(againMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
