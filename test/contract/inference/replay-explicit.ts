import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Answered, Asked, Conversation } from './conversations.ts';
import { ask, infer, judge } from './replay.ts';
import { writeModel, type ModelFiles } from './repositories.ts';
import type { ServerProcess } from './server-process.ts';
import { http } from './replay-http.ts';

type Row = Readonly<Record<string, string>>;

/** Without fields that are empty. */
async function indexOf(server: ServerProcess, request: object = {}): Promise<readonly Row[]> {
  const { models } = await server.channel.call('RepositoryIndex', request, 10_000);
  return (models as Row[]).map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== '')));
}

const same = (expected: unknown, actual: unknown, what: string): readonly string[] =>
  JSON.stringify(expected) === JSON.stringify(actual)
    ? []
    : [`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`];

const withRepository = (value: unknown, repository: string): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll('<repo>', repository));

/** The index, of those models that the recording kept. */
export async function replayIndex(
  server: ServerProcess,
  { name, requests, responses }: Conversation,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [index, asked] of requests.entries()) {
    const rows = await indexOf(server, asked.request);
    // At start the recording leaves out the broken models, later all that were never loaded.
    const kept = name.includes('at start')
      ? rows.filter((row) => !row['name']?.startsWith('bad_'))
      : rows.filter(({ version }) => version !== undefined);
    const recorded = responses[index]?.response?.['models'] ?? responses[index]?.models;
    const names = new Set((recorded as Row[]).map((row) => row['name']));
    found.push(
      ...same(
        recorded,
        name.includes('version change') ? kept.filter((row) => names.has(row['name'])) : kept,
        `#${index}`,
      ),
    );
  }
  return found;
}

export async function replayBrokenLoads(
  server: ServerProcess,
  repository: string,
  { requests, responses }: Conversation,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [index, asked] of requests.entries()) {
    const model = String(asked.request?.['model_name']);
    const { index: rows, ...expected } = withRepository(responses[index], repository) as Answered;
    found.push(...judge(index, expected, await ask(server, asked)));
    const actual = (await indexOf(server))
      .filter((row) => row['name'] === model)
      .map((row) => Object.fromEntries(Object.entries(row).filter(([key]) => key !== 'name')));
    found.push(...same(rows, actual, `#${index} index of ${model}`));
  }
  return found;
}

/** What is done to the files of `acc` before it is loaded again. */
function change(repository: string, note: string, { config, onnx }: ModelFiles): void {
  const folder = join(repository, 'acc');
  if (note.startsWith('config.pbtxt changed')) appendFileSync(join(folder, 'config.pbtxt'), '\n# changed\n');
  else if (note.startsWith('version policy'))
    writeModel(repository, 'acc', { config: readFileSync(join(folder, 'config.pbtxt'), 'utf8'), onnx }, 2);
  else if (note.startsWith('model.onnx replaced')) writeFileSync(join(folder, '2', 'model.onnx'), '0123456789');
  else if (!note.includes('no file changed')) throw new Error(`not known what to do: ${note} ${config.length}`);
}

export async function replayReload(
  server: ServerProcess,
  repository: string,
  acc: ModelFiles,
  { requests, responses }: Conversation,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [index, asked] of requests.entries()) {
    const expected = withRepository(responses[index], repository) as Answered;
    if (asked.rpc === 'RepositoryIndex') {
      found.push(
        ...same(
          expected.models,
          (await indexOf(server)).filter((row) => row['name'] === 'acc'),
          `#${index}`,
        ),
      );
      continue;
    }
    const { note = '' } = asked as { note?: string };
    if (asked.rpc === 'RepositoryModelLoad') change(repository, note, acc);
    found.push(...judge(index, expected, await ask(server, asked)));
    // The file is whole again before the next conversation.
    if (note.startsWith('model.onnx replaced'))
      writeModel(
        repository,
        'acc',
        { ...acc, config: readFileSync(join(repository, 'acc', 'config.pbtxt'), 'utf8') },
        2,
      );
  }
  return found;
}

export async function replayOverrides(
  server: ServerProcess,
  acc: ModelFiles,
  { responses }: Conversation,
): Promise<readonly string[]> {
  const found: string[] = [];
  const { body } = await http(server.http, 'GET', '/v2/models/acc/config', {}, Buffer.alloc(0));
  const config = JSON.stringify({
    ...(JSON.parse(body.toString()) as object),
    max_batch_size: 3,
    sequence_batching: {
      ...(JSON.parse(body.toString()) as { sequence_batching: object }).sequence_batching,
      oldest: { max_candidate_sequences: 64 },
    },
  });
  const file = { bytes_param: acc.onnx };
  const steps: readonly (Readonly<Record<string, object>> | 'config' | 'index')[] = [
    { config: { string_param: config } },
    'config',
    { 'file:1/model.onnx': file },
    { config: { string_param: config }, 'file:5/model.onnx': file },
    'index',
    { config: { string_param: '{bad' } },
    {},
    'index',
  ];
  for (const [index, step] of steps.entries()) {
    const expected = responses[index];
    if (step === 'config') {
      const shown = await http(server.http, 'GET', '/v2/models/acc/config', {}, Buffer.alloc(0));
      const { max_batch_size: most } = JSON.parse(shown.body.toString()) as { max_batch_size: number };
      found.push(
        ...same((expected as { max_batch_size_now?: number } | undefined)?.max_batch_size_now, most, `#${index}`),
      );
    } else if (step === 'index') {
      found.push(
        ...same(
          expected?.models,
          (await indexOf(server)).filter((row) => row['name'] === 'acc'),
          `#${index}`,
        ),
      );
    } else {
      const asked: Asked = { rpc: 'RepositoryModelLoad', request: { model_name: 'acc', parameters: step } };
      found.push(...judge(index, expected, await ask(server, asked)));
    }
  }
  return found;
}

/** A model is unloaded 150 ms after a long request has begun. */
export async function replayUnload(
  server: ServerProcess,
  { requests, responses }: Conversation,
): Promise<readonly string[]> {
  const found: string[] = [];
  const [first, long, , , second, third, , last] = requests as readonly [
    Asked,
    Asked,
    Asked,
    Asked,
    Asked,
    Asked,
    Asked,
    Asked,
  ];
  found.push(...judge(0, responses[0], await infer(server, first)));
  const running = infer(server, long);
  await delay(150);
  const row = async (): Promise<readonly Row[]> => (await indexOf(server)).filter(({ name }) => name === 'slow_long');
  const unload = { rpc: 'RepositoryModelUnload', request: { model_name: 'slow_long' } };
  found.push(...judge(2, { status: 'OK' }, await ask(server, unload)));
  found.push(...same(responses[3]?.models, await row(), '#3'));
  found.push(
    ...judge(4, responses[4], await infer(server, second)),
    ...judge(5, responses[5], await infer(server, third)),
  );
  found.push(...judge(1, responses[1], await running));
  await delay(100);
  found.push(...same(responses[6]?.models, await row(), '#6'));
  found.push(...judge(7, responses[7], await infer(server, last)));
  return found;
}
