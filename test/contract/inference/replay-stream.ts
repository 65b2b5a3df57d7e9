import { setTimeout as delay } from 'node:timers/promises';
import { openStream } from '../../../src/kserve/stream.ts';
import { differences, lateOrEarly } from './compare.ts';
import type { Answered, Asked, Conversation } from './conversations.ts';
import { infer, isTimed } from './replay.ts';
import type { ServerProcess } from './server-process.ts';
import { requestOf, textOf } from './tensors.ts';

const settledMs = 100;
const connectMs = 40;

/** Requests of one stream at their recorded times, and what came back in the order in which it came. */
export async function converse(
  server: ServerProcess,
  requests: readonly Asked[],
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly Answered[]> {
  const began = performance.now();
  const now = (): number => performance.now() - began;
  const came: Answered[] = [];
  let end: (answered: Answered) => void = () => undefined;
  const ended = new Promise<Answered>((resolve) => (end = resolve));
  const stream = openStream(
    { address: server.grpc, headers },
    {
      answered: ({ error, response }) => {
        const { parameters } = response;
        const shown = [...parameters].map(([name, { kind, value }]) => [name, { [`${kind}_param`]: value }] as const);
        const text = { ...textOf(response), ...(parameters.size > 0 ? { parameters: Object.fromEntries(shown) } : {}) };
        came.push({ at_ms: now(), error_message: error, infer_response: text } as unknown as Answered);
      },
      ended: (refusal) => {
        end({ at_ms: now(), stream_status: refusal?.status ?? 'OK', message: refusal?.message ?? '' });
      },
    },
  );
  for (const asked of requests) {
    const at = asked.at_ms ?? 0;
    // The first requests are late by the time that connecting takes; those after them keep their distance.
    await delay(Math.max(0, (at > settledMs ? at + connectMs : at) - now()));
    if (asked.half_close === true) stream.halfClose();
    else if (asked.cancel_stream === true) {
      stream.cancel();
      return [...came, { at_ms: now(), stream_status: 'CANCELLED' }];
    } else stream.send(requestOf(asked));
  }
  const last = await ended;
  return [...came, last];
}

export async function replayStream(
  server: ServerProcess,
  { name, model, requests, responses }: Conversation,
): Promise<readonly string[]> {
  const headers: Record<string, string> = name.includes('triton_grpc_error true') ? { triton_grpc_error: 'true' } : {};
  const came = await converse(server, requests, headers);
  const found: string[] = [];
  const streamed = responses.filter((answered) => answered?.unary_after_1s === undefined);
  if (streamed.length !== came.length) found.push(`${came.length} answers, recorded are ${streamed.length}`);
  for (const [index, expected] of streamed.entries()) {
    const { message, at_ms: at = 0, ...recorded } = expected ?? {};
    const one = came[index] ?? {};
    const spoken =
      expected?.stream_status === 'CANCELLED' || message === undefined ? recorded : { ...recorded, message };
    const quiet =
      recorded.infer_response !== undefined && recorded.error_message === undefined ? { error_message: '' } : {};
    found.push(...differences({ ...quiet, ...spoken }, one).map((text) => `#${index} ${text}`));
    const late = isTimed(model) ? lateOrEarly(at, one.at_ms ?? 0) : undefined;
    if (late !== undefined) found.push(`#${index} ${late}`);
  }
  const after = responses.find((answered) => answered?.unary_after_1s !== undefined)?.unary_after_1s;
  if (after !== undefined) {
    await delay(1000);
    const id = requests.find((asked) => asked.parameters !== undefined)?.parameters?.['sequence_id'];
    const [first] = requests;
    const unary = { ...first, id: 'after', parameters: id === undefined ? {} : { sequence_id: id } };
    found.push(...differences(after, await infer(server, unary)));
  }
  return found;
}
