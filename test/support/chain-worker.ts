// A process of the kill run: all stages of a chain of counting stages. Its parent hears every event, and ends it as it likes.
import { randomUUID } from 'node:crypto';
import { kafkaConfig } from '../../src/kafka/connection.ts';
import { realClock } from '../../src/runner/clock.ts';
import { openKafkaBroker } from '../../src/runner/kafka-broker.ts';
import { runStage } from '../../src/runner/run-stage.ts';
import type { Event } from '../../src/telemetry/events.ts';
import { chainNames, type WorkerOptions } from './chain-names.ts';
import { passThrough } from './pass-through.ts';

const options = JSON.parse(process.argv[2] ?? '') as WorkerOptions;
const broker = openKafkaBroker({
  config: kafkaConfig({ brokers: options.bootstrap.split(','), clientId: options.clientId }),
});

const told: readonly Event['event'][] = ['turn', 'rejected'];
const tell = (event: Event): void => {
  if (told.includes(event.event)) return;
  if (process.connected)
    process.send?.(
      JSON.parse(JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))),
    );
};

const stages = chainNames(options).map((names) =>
  runStage({
    wiring: passThrough({ ...names, partitions: options.partitions }),
    broker,
    clock: realClock,
    unique: randomUUID,
    emit: tell,
    onFailure: (error) => {
      console.error(`${names.group}: ${error.message}`);
      process.exit(1);
    },
  }),
);

process.once('SIGTERM', () => {
  Promise.all(stages.map((stage) => stage.stop()))
    .then(() => broker.close())
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
});
// Whoever started it is gone.
process.once('disconnect', () => process.exit(2));
