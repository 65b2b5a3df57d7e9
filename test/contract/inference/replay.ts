import { setTimeout as delay } from 'node:timers/promises';
import type { Call } from '../../../src/kserve/service.ts';
import { Refusal } from '../../../src/kserve/status.ts';
import { differences, lateOrEarly } from './compare.ts';
import type { Answered, Asked, Conversation } from './conversations.ts';
import { rawCall } from './raw-grpc.ts';
import type { ServerProcess } from './server-process.ts';
import { requestOf, textOf } from './tensors.ts';

export interface Came extends Answered {
  readonly took: number;
}

const patientMs = 60_000;
const apartMs = 60;

const refused = (thrown: unknown): Pick<Answered, 'status' | 'message'> => {
  if (!(thrown instanceof Refusal)) throw thrown;
  return { status: thrown.status, message: thrown.message };
};

export async function infer(server: ServerProcess, asked: Asked): Promise<Came> {
  const began = performance.now();
  const took = (): number => performance.now() - began;
  try {
    const response = await server.channel.infer(requestOf(asked), asked.deadline_ms ?? patientMs);
    return { status: 'OK', response: textOf(response) as Record<string, unknown>, took: took() };
  } catch (thrown) {
    return { ...refused(thrown), took: took() };
  }
}

async function callMethod(server: ServerProcess, name: string, request: object): Promise<Came> {
  const began = performance.now();
  const took = (): number => performance.now() - began;
  try {
    const response = await server.channel.call(name as Call, request, patientMs);
    return { status: 'OK', response, took: took() };
  } catch (thrown) {
    return { ...refused(thrown), took: took() };
  }
}

/** One request of a conversation, whatever it is. */
export async function ask(server: ServerProcess, asked: Asked): Promise<Came | undefined> {
  const { rpc, sleep_ms: pause, service } = asked;
  if (pause !== undefined) {
    await delay(pause);
    return undefined;
  }
  if (service !== undefined) {
    const { status, messages } = await rawCall(server.grpc, '/grpc.health.v1.Health/Check', [Buffer.of(0x0a, 0)]);
    return { status, serving_status: messages[0]?.[1] ?? 0, took: 0 };
  }
  if (rpc !== undefined) {
    const { model_name, parameters } = asked;
    const named = model_name === undefined ? {} : { model_name, ...(parameters === undefined ? {} : { parameters }) };
    const request = asked.request ?? named;
    return callMethod(server, rpc, request);
  }
  return infer(server, asked);
}

/** How long a model computes is the recording machine's own; how long a server waits is not. */
export const isTimed = (model: string): boolean => model.startsWith('acc_');

/** Ends what a conversation has left alive in the few slots of a slow model; the recording server had them free again. */
export async function endSequences(server: ServerProcess, { model, requests }: Conversation): Promise<void> {
  if (model !== 'slow_long') return;
  const ids = new Map(requests.map((asked) => [JSON.stringify(asked.parameters?.['sequence_id']), asked]));
  for (const asked of ids.values()) {
    const id = asked.parameters?.['sequence_id'];
    if (id !== undefined)
      await infer(server, { ...asked, parameters: { sequence_id: id, sequence_end: { bool_param: true } } });
  }
}

/** Requests one after the other, each after the answer to the one before. */
export async function replayInTurn(
  server: ServerProcess,
  { name, model, requests, responses }: Conversation,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [index, asked] of requests.entries()) {
    found.push(...judge(index, responses[index], await ask(server, asked), isTimed(model)));
    // Two sequences must not fall silent in the same moment: the second is asked once more after the first is gone.
    if (name.startsWith('backlog: third sequence') && index === 0) await delay(apartMs);
  }
  return found;
}

/** Requests sent at their recorded distances, whether those before are answered or not. */
export async function replayAt(
  server: ServerProcess,
  { model, requests, responses }: Pick<Conversation, 'model' | 'requests' | 'responses'>,
  sentAtMs: readonly number[],
): Promise<readonly string[]> {
  const answers = await Promise.all(
    requests.map(async (asked, index) => {
      await delay(sentAtMs[index] ?? 0);
      return ask(server, asked);
    }),
  );
  return answers.flatMap((came, index) => judge(index, responses[index], came, isTimed(model)));
}

/** When requests that were sent in parallel were sent: 10 ms apart, or as far as their times tell. */
export const sentAt = ({ responses }: Conversation): readonly number[] =>
  responses.map((answered, index) => {
    const { at_ms: at, after_ms: after } = answered ?? {};
    return at === undefined || after === undefined ? (at ?? index * 10) : at - after;
  });

export function judge(
  index: number,
  expected: Answered | null | undefined,
  came: Came | undefined,
  timed = false,
): readonly string[] {
  if (expected === null || expected === undefined || came === undefined) return [];
  // The words of a deadline are the client's own.
  const { after_ms: after, ...recorded } =
    expected.status === 'DEADLINE_EXCEEDED' ? { status: expected.status } : expected;
  // The recording leaves out what is false.
  if (
    recorded.status === 'OK' &&
    came.response?.['ready'] !== undefined &&
    recorded.response?.['ready'] === undefined
  ) {
    return came.response['ready'] === false ? [] : [`#${index} expected not to be ready`];
  }
  const late = after === undefined || !timed ? undefined : lateOrEarly(after, came.took);
  return [...differences(recorded, came), ...(late === undefined ? [] : [late])].map((text) => `#${index} ${text}`);
}
