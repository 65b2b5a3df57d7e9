import { startKafka } from './support/kafka.ts';
import { killRun } from './support/kill-run.ts';
const kafka = await startKafka({ brokers: 1 });
console.log(await killRun(kafka, 1, { records: 40_000, keys: 1000, kills: 0, unnoticed: 5, stops: 0, stopMs: 15_000, brokerKills: 0, comings: 0, seed: 6, everyMs: 15000 }));
await kafka.stop(); process.exit(0);
