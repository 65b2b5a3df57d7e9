import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { classify, type DownlinkError } from '../errors.ts';
import { runTopology, type RunTopologyOptions } from '../pipeline/run-topology.ts';
import type { WorkerMessage } from '../pipeline/supervise.ts';
import { emitTo, type Emit } from '../telemetry/events.ts';
import { openLog } from '../telemetry/log.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { openReadiness } from '../telemetry/readiness.ts';
import type { Spans } from '../telemetry/spans.ts';
import { startTelemetry, type TelemetryServer } from '../telemetry/server.ts';
import { isListenError, sayCannotListen } from './listening.ts';
import type { ExitCode, Shell } from './verb.ts';

export type What = Required<Pick<RunTopologyOptions, 'settings' | 'stages' | 'definitions'>> &
  Pick<RunTopologyOptions, 'sinks' | 'models'>;

export interface Here {
  readonly host: string;
  readonly port: number;
  readonly verbose?: true;
  readonly worker?: number;
}

/** Kubernetes gives 30 s, systemd 90, and a person none: what cannot be ended in this time is left to be done again. */
export const stopWithinMs = 9_000;

/** OpenTelemetry is large, and loaded only where somebody listens. */
async function spansOf({ env }: Shell): Promise<Spans | undefined> {
  const asked = Object.keys(env).some((name) => /^OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT$/.test(name));
  return asked ? (await import('../telemetry/spans.ts')).openSpans(env) : undefined;
}

/** Stages in this process, until it is told to stop or they fail. */
export async function runInThisProcess(what: What, here: Here, shell: Shell): Promise<ExitCode> {
  const { host, port, verbose = false, worker } = here;
  const tell = worker === undefined ? undefined : (shell.tell as ((message: WorkerMessage) => void) | undefined);
  const names = what.stages.map(({ declaration }) => declaration.name);
  const metrics = openMetrics({ ofProcess: true });
  const readiness = openReadiness(names);
  const log = openLog({ write: shell.err, terminal: shell.terminal === true, verbose, worker });
  const spans = await spansOf(shell);
  const emit: Emit = emitTo(metrics.listen, readiness.listen, log, ...(spans ? [spans.listen] : []));
  const clientId = `downlink-${randomUUID()}`;
  tell?.({ says: 'client', clientId });

  let server: TelemetryServer;
  try {
    server = await startTelemetry({ metrics, readiness, host, port });
  } catch (error) {
    if (!isListenError(error)) throw error;
    sayCannotListen(shell, `${host}:${port}`, error);
    return 1;
  }
  const stopping = new AbortController();
  const told = shell.untilToldToStop().then(() => {
    stopping.abort();
    return undefined;
  });
  let fail: (error: DownlinkError) => void = () => undefined;
  const failed = new Promise<DownlinkError>((resolve) => (fail = resolve));
  try {
    const running = await runTopology({ ...what, clientId, emit, onFailure: fail, signal: stopping.signal });
    if (running === undefined) return 0;
    const where = `${running.stages.join(', ')} of ${what.settings.topology.name}; ${server.url}/metrics, /live, /ready`;
    if (tell === undefined) shell.out(`running ${where}\n`);
    else tell({ says: 'ready', text: where });
    const failure = await Promise.race([told, failed]);
    const late = new AbortController();
    const inTime = await Promise.race([
      running.stop().then(() => true),
      delay(stopWithinMs, false, { signal: late.signal }),
    ]);
    late.abort();
    if (!inTime)
      shell.err(`downlink: not all was ended within ${stopWithinMs / 1000} s; what is open is done again later\n`);
    if (failure !== undefined) tell?.({ says: 'failed' });
    return inTime && failure === undefined ? 0 : 1;
  } catch (thrown) {
    log({ event: 'failed', stage: names.join(', '), error: classify(thrown) });
    tell?.({ says: 'failed' });
    return 1;
  } finally {
    await Promise.all([server.close(), spans?.close()]);
  }
}
