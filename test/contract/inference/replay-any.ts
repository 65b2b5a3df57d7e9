import { setTimeout as delay } from 'node:timers/promises';
import { differences } from './compare.ts';
import { conversation, type Conversation } from './conversations.ts';
import { rawCall } from './raw-grpc.ts';
import { replayHttp, replayMetrics } from './replay-http.ts';
import { replayStream } from './replay-stream.ts';
import { infer, replayAt, replayInTurn, sentAt } from './replay.ts';
import type { ServerProcess } from './server-process.ts';

/** Conversations whose requests overlap: which follow at what distance on others. */
const overlapping: Readonly<Record<string, readonly (readonly (readonly [request: number, atMs: number])[])[]>> = {
  'client deadline of a request that waits behind one of its own sequence': [
    [[0, 0]],
    [
      [1, 0],
      [2, 50],
    ],
    [[3, 0]],
    [[4, 0]],
  ],
  'client deadline of one waiting request: what the next waiting request gets': [
    [[0, 0]],
    [
      [1, 0],
      [2, 30],
      [3, 60],
    ],
    [[4, 0]],
  ],
};

async function replayGroups(
  server: ServerProcess,
  { model, requests, responses, name }: Conversation,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const group of overlapping[name] ?? []) {
    const pick = <T>(list: readonly T[]): T[] => group.flatMap(([index]) => list[index] ?? []);
    found.push(
      ...(await replayAt(
        server,
        { model, requests: pick(requests), responses: pick(responses) },
        group.map(([, at]) => at),
      )),
    );
  }
  return found;
}

const statistics = async (server: ServerProcess, model: string): Promise<readonly number[]> => {
  const { model_stats: stats } = await server.channel.call('ModelStatistics', { name: model }, 5000);
  const [row] = stats as { inference_count: number; execution_count: number }[];
  return [row?.inference_count ?? 0, row?.execution_count ?? 0];
};

async function replayParallel(server: ServerProcess, spoken: Conversation): Promise<readonly string[]> {
  const before = await statistics(server, spoken.model);
  const found = await replayAt(server, spoken, sentAt(spoken));
  const { inference_count: inferences, execution_count: executions } = spoken.statistics_delta ?? {};
  if (inferences === undefined) return found;
  const after = await statistics(server, spoken.model);
  return [
    ...found,
    ...differences(
      [inferences, executions],
      after.map((count, index) => count - (before[index] ?? 0)),
    ),
  ];
}

async function replayIdle(server: ServerProcess, { requests, responses }: Conversation): Promise<readonly string[]> {
  const template = conversation('idle reaper').requests[0] ?? {};
  const found: string[] = [];
  for (const [index, { pause_ms: pause = 0 }] of requests.entries()) {
    const id = { string_param: `ix${pause}` };
    await infer(server, { ...template, parameters: { sequence_id: id, sequence_start: { bool_param: true } } });
    await delay(pause);
    const came = await infer(server, { ...template, parameters: { sequence_id: id } });
    found.push(...differences(responses[index], came).map((text) => `${pause} ms: ${text}`));
    await delay(1100);
  }
  return found;
}

/** Which counts of executions and of their sizes there are. */
async function replayStatistics(server: ServerProcess, { responses }: Conversation): Promise<readonly string[]> {
  const { model_stats: stats } = await server.channel.call('ModelStatistics', { name: 'acc_direct' }, 5000);
  const [row] = stats as {
    inference_count: number;
    execution_count: number;
    batch_stats: { batch_size: number; compute_infer: { count: number } }[];
  }[];
  const sizes = row?.batch_stats.map(({ batch_size: size, compute_infer: { count } }) => [size, count]);
  const came = {
    inference_count: row?.inference_count,
    execution_count: row?.execution_count,
    batch_sizes: Object.fromEntries(sizes ?? []) as object,
  };
  return differences(responses[0], came);
}

export function replay(server: ServerProcess, spoken: Conversation): Promise<readonly string[]> {
  const { protocol, name } = spoken;
  if (name in overlapping) return replayGroups(server, spoken);
  if (name === 'idle reaper: when exactly') return replayIdle(server, spoken);
  if (name === 'direct strategy: statistics') return replayStatistics(server, spoken);
  if (protocol === 'http') return replayHttp(server, spoken);
  if (protocol === 'http, metrics port') return replayMetrics(server, spoken);
  if (protocol.includes('in parallel')) return replayParallel(server, spoken);
  if (protocol.includes('ModelStreamInfer')) return replayStream(server, spoken);
  if (name === 'unknown rpc' || protocol.includes('Watch')) {
    const path = name === 'unknown rpc' ? '/inference.GRPCInferenceService/NoSuch' : '/grpc.health.v1.Health/Watch';
    return rawCall(server.grpc, path, [Buffer.alloc(0)]).then((came) => differences(spoken.responses[0], came));
  }
  return replayInTurn(server, spoken);
}
