// The whole SMAP path on one machine: 54 entities, four partitions, a process for each stage, the embedded inference server,
// a real Kafka and a real VictoriaMetrics. Single-sample records; what is exported is score, detected and sensor_0.
// `npm run bench chain [drain] [detect] [paced] [lone] [sensors]`; without a name all of them.
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openFetcher } from '../src/kafka/reader/fetcher.ts';
import { kafkaConfig } from '../src/kafka/connection.ts';
import { positionsOf, type Position } from '../src/pipeline/offsets.ts';
import { openChain, type Chain } from './chain/processes.ts';
import { openTelemetry } from './chain/telemetry.ts';
import { quantiles } from './chain/quantiles.ts';

const asked = process.argv.slice(2);
const isAsked = (name: string): boolean => asked.length === 0 || asked.includes(name);
const row = (name: string, ...values: readonly (string | number)[]): void =>
  console.log(`  ${name.padEnd(34)}${values.map((value) => String(value).padStart(12)).join('')}`);

/** Runs something on a chain of its own. */
async function onChain(
  sensors: 'one' | 'all',
  use: (chain: Chain) => Promise<void>,
  beside: readonly string[] = [],
): Promise<void> {
  const chain = await openChain(sensors, beside);
  try {
    await use(chain);
  } finally {
    await chain.close();
    rmSync(chain.folder, { recursive: true, force: true });
  }
}

/** CPU of each process for each sample, since it was asked before. */
function costs(chain: Chain, before: ReadonlyMap<string, number>, samples: number): void {
  const after = chain.cpuUs();
  let stages = 0;
  for (const [name, us] of after) {
    const each = (us - (before.get(name) ?? 0)) / samples;
    if (chain.stages.includes(name)) stages += each;
    row(name, `${each.toFixed(1)} µs`);
  }
  row('the stages together', `${stages.toFixed(1)} µs`);
}

/** What comes first is drained by processes that have yet to compile what they run, and is told apart. */
async function drain(
  sensors: 'one' | 'all',
  first: number,
  samples: number,
  beside: readonly string[] = [],
): Promise<void> {
  const use = async (chain: Chain): Promise<void> => {
    const telemetry = openTelemetry(chain);
    await telemetry.backlog(first + samples);
    await chain.start();
    const began = performance.now();
    const until = async (count: number): Promise<number> => {
      while (chain.exported() < count) await delay(20);
      return chain.exported();
    };
    const warm = await until(first);
    const [warmAt, before] = [performance.now(), chain.cpuUs()];
    const drained = (await until(first + samples)) - warm;
    for (const stage of beside) await untilRead(chain, stage);
    const [cold, seconds] = [(warmAt - began) / 1000, (performance.now() - warmAt) / 1000];
    row(`the first ${warm}, just started`, `${(warm / cold).toFixed(0)}/s`, `${cold.toFixed(1)} s`);
    row(`${drained} samples, ${sensors} sensor(s)`, `${(drained / seconds).toFixed(0)}/s`, `${seconds.toFixed(1)} s`);
    costs(chain, before, drained);
    if (sensors === 'all') row('values a second', ((77 * drained) / seconds).toFixed(0));
    await telemetry.close();
  };
  await onChain(sensors, use, beside);
}

/** Until a stage has committed all that there is. */
async function untilRead({ topology, bootstrap }: Chain, name: string): Promise<void> {
  const stage = topology.stages.find(({ declaration }) => declaration.name === name);
  if (stage === undefined) throw new Error(`no stage ${name}`);
  const fetcher = openFetcher({ config: kafkaConfig({ brokers: bootstrap.split(','), clientId: 'bench' }) });
  // Behind the last record stands the marker of its transaction.
  const isRead = (one: Position): boolean => one.end - (one.committed ?? one.first) <= 1n;
  while (!(await positionsOf(fetcher, stage)).every(isRead)) await delay(20);
  await fetcher.close();
}

if (isAsked('drain')) {
  console.log('\ndrain of a backlog of 1,000,000 single-sample records');
  await drain('one', 300_000, 1_000_000);
}
if (isAsked('detect')) {
  console.log('\nthe same with detect beside export, until both have read all');
  await drain('one', 300_000, 1_000_000, ['detect']);
}
if (isAsked('sensors')) {
  console.log('\nthe same with all 25 sensors exported: 77 values a sample');
  await drain('all', 100_000, 200_000);
}
if (isAsked('paced')) {
  console.log('\n20,000 samples a second for 60 s, single-sample records; from its time to the 204 of VictoriaMetrics');
  await onChain('one', async (chain) => {
    const telemetry = openTelemetry(chain);
    await chain.start();
    // Until everything is compiled.
    await telemetry.paced(20_000, 30);
    chain.latencies.length = 0;
    const [before, began] = [chain.cpuUs(), chain.exported()];
    await telemetry.paced(20_000, 60);
    await delay(1_000);
    const samples = chain.exported() - began;
    row('samples', samples, `${(samples / 60).toFixed(0)}/s`);
    row('p50, p99, p99.9', ...quantiles(chain.latencies).map((ms) => `${ms.toFixed(0)} ms`));
    costs(chain, before, samples);
    await telemetry.close();
  });
}
if (isAsked('lone')) {
  console.log('\na lone sample every half second, nothing else');
  await onChain('one', async (chain) => {
    const telemetry = openTelemetry(chain);
    await chain.start();
    await telemetry.lone(20);
    await delay(500);
    chain.latencies.length = 0;
    await telemetry.lone(200);
    await delay(500);
    row('p50, p99, p99.9', ...quantiles(chain.latencies).map((ms) => `${ms.toFixed(0)} ms`), chain.latencies.length);
    await telemetry.close();
  });
}
process.exit(0);
