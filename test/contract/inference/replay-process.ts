import { setTimeout as delay } from 'node:timers/promises';
import { Refusal } from '../../../src/kserve/status.ts';
import { differences } from './compare.ts';
import type { Answered, Asked, Conversation } from './conversations.ts';
import { ask, infer, judge } from './replay.ts';
import { http } from './replay-http.ts';
import { converse } from './replay-stream.ts';
import type { ServerProcess } from './server-process.ts';

const stillRunningAfterMs = 1500;
const settledMs = 150;

async function overHttp(server: ServerProcess, line: string): Promise<Readonly<Record<string, unknown>>> {
  const [method = 'GET', path = '/'] = line.split(' ');
  try {
    const { status, body } = await http(server.http, method, path, {}, Buffer.alloc(0));
    return { status, body: body.toString() };
  } catch {
    return { error: 'refused' };
  }
}

/** Without the fields that are false, as the recording has answers here. */
const truths = (response: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(response).filter(([, value]) => value !== false && value !== ''));

async function exitOf(server: ServerProcess, expected: Answered): Promise<readonly string[]> {
  const running = expected.exit_code === 'still running';
  const code = await Promise.race([
    server.exited,
    delay(running ? stillRunningAfterMs : 40_000, 'still running' as const, { ref: false }),
  ]);
  return code === expected.exit_code ? [] : [`exit: expected ${expected.exit_code}, got ${code}`];
}

/** A server is told to stop while clients are at work, and asked at the recorded moments. */
export async function replaySignal(
  server: ServerProcess,
  { requests, responses, stream }: Conversation,
): Promise<readonly string[]> {
  const found: string[] = [];
  await server.channel.call('ServerLive', {}, 5000);
  let streaming: Promise<readonly Answered[]> = Promise.resolve([]);
  const openStream = (): void => {
    if (stream !== undefined) streaming = converse(server, stream.requests);
  };
  // With the other requests it would share executions that it did not share; and it is there before the signal is.
  const first = requests[0]?.signal === undefined ? 0 : -1;
  if (first < 0) {
    openStream();
    await delay(stream === undefined ? 0 : settledMs);
  }
  const began = performance.now();
  for (const [index, asked] of requests.entries()) {
    const expected = responses[index] ?? {};
    await delay(Math.max(0, (asked.at_ms ?? 0) - (performance.now() - began)));
    if (asked.signal !== undefined) server.signal('SIGTERM');
    else if (asked.wait !== undefined) found.push(...(await exitOf(server, expected)));
    else if (asked.http !== undefined) {
      const came = await overHttp(server, asked.http);
      if (came['error'] === undefined) found.push(`#${index} HTTP was answered`);
    } else if (asked.rpc !== undefined) {
      const name = asked.rpc as 'ServerReady';
      const came = await server.channel.call(name, { name: 'slow_long' }, 5000).then(
        (response) => ({ status: 'OK', response }),
        (error: unknown) =>
          error instanceof Refusal ? { status: error.status, message: error.message } : { status: 'UNKNOWN' },
      );
      found.push(
        ...differences({ status: expected.status, message: expected.message }, came).map((text) => `#${index} ${text}`),
      );
    } else found.push(...judge(index, { ...expected }, await infer(server, asked)));
    if (index === first) openStream();
  }
  const answered = (stream?.responses ?? []).filter((one) => one.infer_response !== undefined);
  if (answered.length > 0) {
    await server.stop();
    const came = await streaming;
    found.push(
      ...differences(
        answered.map(({ infer_response }) => ({ infer_response })),
        came.slice(0, answered.length),
      ),
    );
  }
  return found;
}

/** A server of which one model is broken: each question by its protocol. */
export async function replayHealth(
  server: ServerProcess,
  repository: string,
  { requests, responses }: Conversation,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [index, asked] of requests.entries()) {
    const expected = JSON.parse(JSON.stringify(responses[index]).replaceAll('<repo>', repository)) as Answered;
    found.push(...(await healthOf(server, asked, expected)).map((text) => `#${index} ${text}`));
  }
  return found;
}

async function healthOf(server: ServerProcess, asked: Asked, expected: Answered): Promise<readonly string[]> {
  if (asked.http !== undefined) return differences(expected, await overHttp(server, asked.http));
  if (asked.model_name !== undefined) return judge(0, expected, await infer(server, asked));
  if (asked.rpc === 'grpc.health.v1 Check') {
    return differences(expected, await ask(server, { service: '' }));
  }
  const response = truths(await server.channel.call((asked.rpc ?? '') as 'ServerReady', asked.request ?? {}, 5000));
  if (expected.models === undefined) {
    return JSON.stringify(response) === JSON.stringify(expected)
      ? []
      : [`expected ${JSON.stringify(expected)}, got ${JSON.stringify(response)}`];
  }
  return differences(expected, { models: (response['models'] as Record<string, unknown>[]).map(truths) });
}
