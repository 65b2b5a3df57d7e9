// The embedded inference server and the port, each in its process, with the fleet model of all 54 SMAP entities. CPU of
// both ends; unary calls in the same run. `npm run bench inference`.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelMetadata, Sequences } from '../src/contract/index.ts';
import { openInference } from '../src/inference/inference.ts';
import { parametersOf, requestOf, type StepForm } from '../src/inference/step.ts';
import { openChannel } from '../src/kserve/client.ts';

const model = 'smap_fleet';
const metadata = JSON.parse(readFileSync(`model_repository/${model}/metadata.json`, 'utf8')) as ModelMetadata;
const many = process.argv.includes('many');
const repository = many ? withSlots(200_000) : 'model_repository';
const server = spawn(
  process.execPath,
  [
    ...['dist/main.js', 'inference-server', '--model-repository', repository],
    ...['--grpc-port', '0', '--http-port', '0', '--metrics-port', '0'],
    ...['--model-control-mode', 'explicit', '--load-model', model],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
process.on('exit', () => server.kill('SIGKILL'));
const address = await new Promise<string>((resolve) => {
  createInterface(server.stdout).on('line', (line) => {
    const found = /gRPC ([^\s,]+)/.exec(line)?.[1];
    if (found !== undefined) resolve(found);
  });
});
const inference = openInference({ addresses: [address], metadata: new Map([[model, metadata]]) });
const never = new AbortController().signal;

/** The fleet with so many slots, in a folder of its own. */
function withSlots(slots: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-bench-'));
  cpSync(`model_repository/${model}`, join(folder, model), { recursive: true });
  const config = join(folder, model, 'config.pbtxt');
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace(/max_candidate_sequences: \d+/, `max_candidate_sequences: ${slots}`),
  );
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Of all its threads, since it began; a tick is 10 ms. */
function serverUse(): { readonly cpuUs: number; readonly rssKb: number } {
  const stat =
    readFileSync(`/proc/${server.pid ?? 0}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? [];
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid ?? 0}/status`, 'utf8'))?.[1];
  return { cpuUs: (Number(stat[11]) + Number(stat[12])) * 10_000, rssKb: Number(rss) };
}

const row = (name: string, ...values: readonly (string | number)[]) =>
  console.log(
    `  ${name.padEnd(34)}${values.map((one) => (typeof one === 'number' ? one.toFixed(2) : one).padStart(12)).join('')}`,
  );

/** Mostly a measured value that moves, and command bits that rest: what SMAP looks like. */
const valuesOf = (samples: number): Float32Array =>
  Float32Array.from({ length: samples * 25 }, (_, at) => (at % 25 === 0 ? Math.sin(at / 50) : at % 191 === 0 ? 1 : 0));

interface Cost {
  readonly perSecond: number;
  readonly clientUs: number;
  readonly serverUs: number;
}

/** So many at a time, each waiting for its own before; the cost of a sample. */
async function measure(
  lanes: number,
  rounds: number,
  samples: number,
  step: (lane: number) => Promise<void>,
): Promise<Cost> {
  const [before, own, began] = [serverUse(), process.cpuUsage(), performance.now()];
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let round = 0; round < rounds; round++) await step(lane);
    }),
  );
  const [ms, { user, system }, after] = [performance.now() - began, process.cpuUsage(own), serverUse()];
  const all = lanes * rounds * samples;
  return {
    perSecond: (all / ms) * 1_000,
    clientUs: (user + system) / all,
    serverUs: (after.cpuUs - before.cpuUs) / all,
  };
}

const stepper = (lane: Sequences, samples: number, entities: number) => {
  const values = valuesOf(samples);
  const states: Float32Array[] = Array.from({ length: entities }, () => new Float32Array(64));
  return async (at: number): Promise<void> => {
    const from = states[at] ?? new Float32Array(64);
    const run = { entity: `bench/${at}`, model, place: at % 54, from, pieces: [values] };
    states[at] = (await lane.run(run, never)).pieces.at(-1)?.state ?? from;
  };
};

async function streaming(): Promise<void> {
  console.log('\na request of T samples of each entity, round robin over one stream; best of 4');
  row('', 'samples/s', 'client µs', 'server µs', 'both µs');
  for (const [samples, entities, rounds] of [
    [8, 54, 200],
    [8, 16, 600],
    [1, 54, 300],
    [64, 54, 40],
  ] as const) {
    const lane = inference.open(`bench.${samples}.${entities}`, 10_000);
    const step = stepper(lane, samples, entities);
    await measure(entities, rounds, samples, step);
    const costs: Cost[] = [];
    for (let round = 0; round < 4; round++) costs.push(await measure(entities, rounds, samples, step));
    const [best] = costs.sort((a, b) => a.clientUs + a.serverUs - b.clientUs - b.serverUs);
    if (best !== undefined)
      row(
        `T=${samples}, ${entities} in flight`,
        Math.round(best.perSecond).toString(),
        best.clientUs,
        best.serverUs,
        best.clientUs + best.serverUs,
      );
    await lane.close();
  }
}

async function unary(): Promise<void> {
  const form: StepForm = { model, sensors: 25, state: [2, 32], fleet: true };
  const channel = openChannel({ address });
  const values = valuesOf(8);
  const started = new Set<number>();
  let requests = 0;
  const step = async (at: number): Promise<void> => {
    const start = !started.has(at);
    started.add(at);
    const initial = new Float32Array(64);
    const id = `${++requests}`;
    await channel.infer(
      requestOf(form, { id, parameters: parametersOf(`unary/${at}`), start, place: at % 54, initial, values }),
      10_000,
    );
  };
  await measure(54, 50, 8, step);
  const { perSecond, clientUs, serverUs } = await measure(54, 200, 8, step);
  const lane = inference.open('bench.beside', 10_000);
  const streamed = stepper(lane, 8, 54);
  await measure(54, 50, 8, streamed);
  const beside = await measure(54, 200, 8, streamed);
  console.log('\nModelInfer through grpc-js beside it, T=8, 54 in flight');
  row('unary', Math.round(perSecond).toString(), clientUs, serverUs, clientUs + serverUs);
  row(
    'stream',
    Math.round(beside.perSecond).toString(),
    beside.clientUs,
    beside.serverUs,
    beside.clientUs + beside.serverUs,
  );
  row('ratio of rates', (beside.perSecond / perSecond).toFixed(1));
  channel.close();
  await lane.close();
}

async function manySequences(): Promise<void> {
  const lane = openInference({ addresses: [address], metadata: new Map([[model, metadata]]) });
  const one = lane.open('many', 60_000);
  const values = valuesOf(1);
  const open = async (at: number): Promise<number> => {
    const began = performance.now();
    await one.run({ entity: `many/${at}`, model, place: at % 54, from: new Float32Array(64), pieces: [values] }, never);
    return performance.now() - began;
  };
  const p99 = async (from: number): Promise<number> => {
    const all: number[] = [];
    for (let at = 0; at < 2_000; at++) all.push(await open(from + (at % 50)));
    return all.sort((a, b) => a - b)[1_980] ?? NaN;
  };
  await p99(-100);
  const [before, few] = [serverUse().rssKb, await p99(-100)];
  for (let at = 0; at < 100_000; at += 200)
    await Promise.all(Array.from({ length: 200 }, (_, more) => open(at + more)));
  await delay(2_000);
  const after = serverUse().rssKb;
  console.log('\n100,000 open sequences');
  row('RSS of the server, kB a sequence', (after - before) / 100_000);
  row('p99 of a step, ms', few, await p99(-100));
  lane.close();
}

async function idle(): Promise<void> {
  const before = serverUse().cpuUs;
  await delay(8_000);
  console.log('\nidle');
  row('% of a core', (serverUse().cpuUs - before) / 80_000);
}

await delay(1_000);
await streaming();
await unary();
await idle();
if (many) await manySequences();
console.log(
  '\na real Triton 24.10, Python client aside, on such a machine: T=8, 55 streaming: 15.5 µs of server CPU a sample, 28,200 samples/s',
);
inference.close();
process.exit();
