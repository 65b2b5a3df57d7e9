// The embedded broker beside a real Kafka on the same machine, one after the other, each asked by Kafka's own perf tools and by the
// project's own writer. Both sync by time. `npm run bench broker [MILLION RECORDS]`: 3.5 make a log of 1 GB.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openCluster } from '../src/kafka/cluster.ts';
import { openIdempotentWriter } from '../src/kafka/writer/idempotent-writer.ts';
import { openTransactionalWriter } from '../src/kafka/writer/transactional-writer.ts';
import { freePorts } from '../test/support/free-port.ts';
import { javaTool } from '../test/support/java-tool.ts';
import { startKafka } from '../test/support/kafka.ts';
import { makeTopic } from '../test/support/make-topic.ts';
import { openRawClient, rawRequest } from '../test/support/raw-client.ts';

const records = Math.round(Number(process.argv[2] ?? 3.5) * 1_000_000);
const singles = 100_000;

interface Measured {
  readonly bootstrap: string;
  pid(): number;
  /** Ends it, starts it again, and waits for an answer to Metadata. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

async function embedded(): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-bench-'));
  const [port = 0] = await freePorts(1);
  const bootstrap = `127.0.0.1:${port}`;
  const main = join(import.meta.dirname, '..', 'dist', 'main.js');
  const start = async () => {
    const args = [main, 'broker', '--folder', folder, '--port', String(port)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    await firstMetadata(bootstrap);
    return child;
  };
  let child = await start();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    bootstrap,
    pid: () => child.pid ?? 0,
    restart: async () => {
      await end('SIGKILL');
      restartedAt = performance.now();
      child = await start();
    },
    stop: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true });
    },
  };
}

async function real(): Promise<Measured> {
  const kafka = await startKafka();
  return {
    bootstrap: kafka.bootstrap,
    pid: () => kafka.pid(1) ?? 0,
    restart: async () => {
      await kafka.kill(1);
      restartedAt = performance.now();
      await Promise.all([kafka.start(1), firstMetadata(kafka.bootstrap)]);
    },
    stop: () => kafka.stop(),
  };
}

let restartedAt = 0;
let answeredAt = 0;
async function firstMetadata(bootstrap: string): Promise<void> {
  for (;;) {
    // Nobody listens yet.
    const client = await openRawClient(bootstrap).catch(() => undefined);
    client?.send(rawRequest(3, 9, Buffer.from([0, 0, 0, 0, 0])));
    const answer = await client?.answer();
    client?.end();
    answeredAt = performance.now();
    if (answer !== undefined) return;
    await delay(5);
  }
}

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
/** In ticks of 10 ms. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
const at = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? NaN;

async function measure(name: string, start: () => Promise<Measured>): Promise<void> {
  const broker = await start();
  const cluster = openCluster({ brokers: [broker.bootstrap], clientId: 'bench' });
  const row = (what: string, value: string) =>
    console.log(`  ${name.padEnd(10)}${what.padEnd(58)}${value.padStart(14)}`);
  try {
    for (const topic of ['perf', 'out', 'single']) await makeTopic(broker.bootstrap, topic);
    await delay(10_000);
    const ticks = cpuTicks(broker.pid());
    await delay(10_000);
    row('idle, of a core', `${((cpuTicks(broker.pid()) - ticks) / 10).toFixed(2)} %`);

    const at64k = ['acks=all', 'batch.size=65536', 'linger.ms=5', 'max.request.size=1048576'];
    const rates = ['--num-records', String(records), '--record-size', '300', '--throughput', '-1'];
    const where = ['--bootstrap-server', broker.bootstrap, '--topic', 'perf'];
    // The tool takes its share of the machine: what a second of the broker's own CPU does is told apart.
    const megabytes = (records * 300) / 1024 / 1024;
    const perCpuSecond = (since: number): string =>
      `${((100 * megabytes) / (cpuTicks(broker.pid()) - since)).toFixed(0)} MB/s`;
    const beforeProduce = cpuTicks(broker.pid());
    const produced = await javaTool('ProducerPerformance', [...where, ...rates, '--command-property', ...at64k]);
    const last = produced.trim().split('\n').at(-1) ?? '';
    row(`produce, ${records} records of 300 bytes in 64 kB`, `${/\(([\d.]+) MB\/sec\)/.exec(last)?.[1] ?? last} MB/s`);
    row('  by a second of its CPU', perCpuSecond(beforeProduce));
    const beforeFetch = cpuTicks(broker.pid());
    const consumed = await javaTool('ConsumerPerformance', [...where, '--num-records', String(records)]);
    row('fetch, the same', `${consumed.trim().split('\n').at(-1)?.split(', ')[8] ?? consumed} MB/s`);
    row('  by a second of its CPU', perCpuSecond(beforeFetch));
    row('resident after it', `${residentMb(broker.pid()).toFixed(0)} MB`);

    const writer = openTransactionalWriter(cluster, { transactionalId: 'bench' });
    await writer.fence();
    const many = Array.from({ length: 8 }, () => ({ key: 'k', value: Buffer.alloc(300, 'x'), timestamp: Date.now() }));
    const ms: number[] = [];
    for (let round = 0; round < 600; round++) {
      const began = performance.now();
      const outcome = await writer.transact({
        records: [{ topic: 'out', partition: 0, records: many }],
        offsets: { group: 'bench', offsets: [{ topic: 'out', partition: 0, offset: BigInt(round) }] },
      });
      if (outcome.end !== 'committed') throw new Error(JSON.stringify(outcome));
      if (round >= 100) ms.push(performance.now() - began);
    }
    row(
      'a transaction (8 records, offsets, commit), p50 / p99',
      `${at(ms, 0.5).toFixed(1)} / ${at(ms, 0.99).toFixed(1)} ms`,
    );

    const single = openIdempotentWriter(cluster);
    const began = performance.now();
    for (let i = 0; i < singles; i++)
      await single.write([{ topic: 'single', partition: 0, records: many.slice(0, 1) }]);
    row(`${singles} records, each by itself`, `${((performance.now() - began) / 1000).toFixed(1)} s`);

    await broker.restart();
    row('first Metadata after a kill, with that log', `${(answeredAt - restartedAt).toFixed(0)} ms`);
    row('resident after that', `${residentMb(broker.pid()).toFixed(0)} MB`);
  } finally {
    await cluster.close();
    await broker.stop();
  }
}

await measure('embedded', embedded);
await measure('Kafka', real);
process.exit(0);
