import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calibrate } from './calibrate.ts';
import { differences } from './compare.ts';
import { conversation, recording, type Conversation } from './conversations.ts';
import { acceptedToo } from './known-differences.ts';
import { replay } from './replay-any.ts';
import { replayBrokenLoads, replayIndex, replayOverrides, replayReload, replayUnload } from './replay-explicit.ts';
import { replayPings } from './replay-pings.ts';
import { replayHealth, replaySignal } from './replay-process.ts';
import { endSequences, replayInTurn } from './replay.ts';
import { recorded, recordedNames, writeExplicitRepository, writeModel } from './repositories.ts';
import { startServer, type ServerProcess } from './server-process.ts';

let folder: string;
let roundsPerMs: number;
const [passed, running] = [new Set<string>(), new Set<ServerProcess>()];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-inference-'));
  roundsPerMs = await calibrate(join(folder, 'calibration'));
}, 60_000);
afterAll(async () => {
  await Promise.all([...running].map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
  console.log(`${passed.size} of ${recording.conversations.length} recorded conversations pass`);
});

async function start(repository: string, args: readonly string[] = []): Promise<ServerProcess> {
  const server = await startServer(repository, args);
  running.add(server);
  return server;
}

async function end(server: ServerProcess): Promise<void> {
  running.delete(server);
  await server.stop();
}

/** Judges one conversation; both what was recorded and what a newer Triton is known to answer will do. */
async function judged(name: string, replay: (spoken: Conversation) => Promise<readonly string[]>): Promise<void> {
  let spoken = acceptedToo(conversation(name));
  let found = await replay(spoken);
  // A slow model is as slow as the machine was when it was measured. This one only has to be slower than others wait.
  for (let again = 0; again < 2 && found.length > 0 && spoken.model === 'slow_dyn'; again++) {
    spoken = slower(spoken);
    found = await replay(spoken);
  }
  expect(found).toEqual([]);
  passed.add(name);
}

const slower = (spoken: Conversation): Conversation => ({
  ...spoken,
  requests: spoken.requests.map((asked) => ({
    ...asked,
    inputs: asked.inputs?.map((one) => (one.name === 'ms' ? { ...one, data: [2 * Number(one.data?.[0])] } : one)) ?? [],
  })),
});

const all = recording.conversations;
const between = (first: string, last: string): readonly Conversation[] => {
  const [from, to] = [first, last].map((name) => all.indexOf(conversation(name)));
  return all.slice(from, (to ?? 0) + 1);
};

describe.each([
  [
    'requests and streams',
    between('server metadata and health', 'stream with triton_grpc_error true: an execution fails'),
  ],
  ['HTTP', between('HTTP: health and metadata', 'metrics of one model')],
  [
    'slots, order and batches',
    [
      ...between('idle reaper', 'ModelStatistics of unknown model and of all'),
      ...between(
        'client deadline of one waiting request: what the next waiting request gets',
        'client deadline of one waiting request: what the next waiting request gets',
      ),
    ],
  ],
])('%s', (title, conversations) => {
  let server: ServerProcess;
  beforeAll(async () => {
    const repository = join(folder, title.replaceAll(' ', '-'));
    for (const name of recordedNames) writeModel(repository, name, recorded(name, roundsPerMs));
    server = await start(repository);
  });
  afterAll(() => end(server));
  test.each(conversations.map(({ name }) => name))('%s', (name) =>
    judged(name, async (spoken) => {
      const found = await replay(server, spoken);
      await endSequences(server, spoken);
      return found;
    }),
  );
});

describe('explicit control', () => {
  let server: ServerProcess;
  let repository: string;
  beforeAll(async () => {
    repository = join(folder, 'explicit');
    writeExplicitRepository(repository, roundsPerMs);
    server = await start(repository, [
      '--model-control-mode',
      'explicit',
      '--load-model',
      'acc',
      '--load-model',
      'slow_long',
    ]);
  });
  afterAll(() => end(server));
  const explicit = (spoken: Conversation): Promise<readonly string[]> => {
    const acc = recorded('acc', roundsPerMs);
    const { name } = spoken;
    if (name.includes('index')) return replayIndex(server, spoken);
    if (name.includes('broken models')) return replayBrokenLoads(server, repository, spoken);
    if (name.startsWith('reload')) return replayReload(server, repository, acc, spoken);
    if (name.startsWith('load with config')) return replayOverrides(server, acc, spoken);
    if (name.startsWith('unload while')) return replayUnload(server, spoken);
    return replayInTurn(server, spoken);
  };
  test.each(
    between('explicit mode: index at start', 'wrong state declarations pass the load; what inference answers').map(
      ({ name }) => name,
    ),
  )('%s', (name) => judged(name, explicit));
});

describe('the life of the process', () => {
  // With the pauses of these conversations a request must have ended before the next is sent.
  const quicker = 1.5;
  const withModels = (title: string, names: readonly string[], faster = 1): string => {
    const repository = join(folder, title.replaceAll(/\W+/g, '-'));
    for (const name of names) writeModel(repository, name, recorded(name, Math.ceil(roundsPerMs / faster)));
    return repository;
  };
  const timeouts: Readonly<Record<string, readonly string[]>> = { 'exit timeout 4 s': ['--exit-timeout-secs', '4'] };
  const signals = all.filter(({ protocol }) => protocol === 'grpc + signal');
  test.each(signals.map(({ name }) => name))(
    '%s',
    (name) =>
      judged(name, async (spoken) => {
        const args = Object.entries(timeouts).flatMap(([part, given]) => (name.includes(part) ? given : []));
        const server = await start(withModels('signal', ['slow_long'], quicker), args);
        try {
          return await replaySignal(server, spoken);
        } finally {
          await end(server);
        }
      }),
    60_000,
  );

  test('client keepalive pings every 2000 ms on an idle stream', () =>
    judged('client keepalive pings every 2000 ms on an idle stream', async ({ responses }) => {
      const server = await start(withModels('pings', ['acc']));
      try {
        return await replayPings(server, Number(responses[1]?.at_ms));
      } finally {
        await end(server);
      }
    }));

  const broken = (title: string): string => {
    const repository = withModels(title, ['acc']);
    writeModel(repository, 'acc', recorded('acc', roundsPerMs), 2);
    writeModel(repository, 'bad_onnx', {
      config: recorded('acc', roundsPerMs).config.replace('"acc"', '"bad_onnx"'),
      onnx: Buffer.from('0123456789'),
    });
    return repository;
  };
  test('one of two models fails to load, default options', () =>
    judged('one of two models fails to load, default options', async ({ responses }) => {
      const server = await start(broken('exit'));
      const { last_log_lines: lines } = responses[0] as unknown as { last_log_lines: string[] };
      const missing = lines.filter((line) => !server.printed().includes(line)).map((line) => `not printed: ${line}`);
      return [...missing, ...differences(responses[0]?.exit_code, await server.exited)];
    }));
  test.each([
    ['one of two models fails to load, exit-on-error=false', []],
    ['one of two models fails to load, exit-on-error=false, strict-readiness=false', ['--strict-readiness', 'false']],
  ])('%s', (name, args) =>
    judged(name, async (spoken) => {
      const repository = broken(name);
      const server = await start(repository, ['--exit-on-error', 'false', ...args]);
      return replayHealth(server, repository, spoken);
    }),
  );
});
