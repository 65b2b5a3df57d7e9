import { randomUUID } from 'node:crypto';
import { openRegistry } from '../avro/registry.ts';
import type { Environment } from '../config/environment.ts';
import type { Stage, Topology } from '../config/topology.ts';
import type { Declaration } from '../contract/index.ts';
import { classify, DownlinkError } from '../errors.ts';
import type { OpenInference } from '../inference/inference.ts';
import { kafkaConfig } from '../kafka/connection.ts';
import { partitionCounts } from '../kafka/partition-counts.ts';
import { realClock } from '../runner/clock.ts';
import { openKafkaBroker, type KafkaBroker } from '../runner/kafka-broker.ts';
import { defaultLimits, runStage, type Limits } from '../runner/run-stage.ts';
import type { Sink, Wiring } from '../runner/wiring.ts';
import { emitTo, type Emit } from '../telemetry/events.ts';
import { checkPartitions, topicsOf } from './check-partitions.ts';
import { inferenceOf, modelFolder } from './inference-of.ts';
import { kafkaAddressOf } from './kafka-address.ts';
import { registerSchemas } from './register-schemas.ts';
import type { Settings } from './settings.ts';
import { noPostgres, sinksOf, type OpenSinks } from './sinks-of.ts';
import { watchPartitions } from './watch-partitions.ts';
import { definitionOf, wiringsOf } from './wirings.ts';

export interface RunTopologyOptions {
  readonly settings: Settings;
  /** Of the topology's; left out, all of them. */
  readonly stages?: readonly Stage[];
  readonly definitions: readonly Declaration[];
  readonly sinks?: ReadonlyMap<string, Sink<unknown>>;
  readonly limits?: Limits;
  /** Its own: by it a supervisor finds what a process that died has left in its groups. */
  readonly clientId?: string;
  readonly emit: Emit;
  /** No waiting mends it: the caller has to stop, and a person to look. */
  readonly onFailure: (error: DownlinkError) => void;
  /** Given up before anything runs, while a program that is needed does not answer. */
  readonly signal?: AbortSignal;
  /** Where the metadata of the models is. */
  readonly models?: string;
  /** How often the numbers of partitions are looked at. */
  readonly recheckMs?: number;
}

export interface RunningTopology {
  readonly stages: readonly string[];
  /** Finishes open turns, commits, and leaves the groups. */
  stop(): Promise<void>;
}

/**
 * Stages of a topology in this process, on one connection to each broker. Nothing is consumed before all that can be known
 * to be wrong was looked at; what does not answer yet is waited for. Undefined when it was given up before.
 */
export async function runTopology(options: RunTopologyOptions): Promise<RunningTopology | undefined> {
  const { settings, definitions, emit, signal, recheckMs = 30_000 } = options;
  const { clientId = `downlink-${randomUUID()}` } = options;
  const { topology, environment } = settings;
  const stages = options.stages ?? topology.stages;
  for (const stage of stages) definitionOf(stage, definitions);
  const { kafka, registry, triton } = programsOf(stages, environment);
  const inference =
    triton && inferenceOf(triton, { entities: topology.entities, stages }, options.models ?? modelFolder, emit);
  const limits = options.limits ?? limitsOf(topology.delivery);
  const config = kafkaConfig({ ...kafkaAddressOf(kafka), clientId });
  const broker = openKafkaBroker({ config, paceMs: limits.commit.commitIntervalMs });
  const sinks = sinksOf(options.sinks === undefined ? stages : [], environment, emit);
  const given = { ...options, sinks: options.sinks ?? sinks.byStage };
  const giveBack = async (): Promise<void> => {
    await Promise.all([sinks.close(), broker.close()]);
  };
  const counts = new Map<string, number>();
  let wirings: readonly Wiring[];
  try {
    const ready = await untilThere(options, stages, async () => {
      for (const [topic, count] of await partitionCounts(broker.cluster, topicsOf(stages, topology.deadLetters)))
        counts.set(topic, count);
      checkPartitions(topology.file, stages, topology.deadLetters, counts);
      const client = registry && openRegistry(registry);
      const schemas = client === undefined ? [] : await registerSchemas(topology, client);
      return { ...given, partitions: counts, schemas, entities: topology.entities, registry: client, inference };
    });
    if (ready === undefined || signal?.aborted === true) {
      await giveBack();
      return undefined;
    }
    wirings = wiringsOf(stages, topology.deadLetters, ready);
  } catch (thrown) {
    await giveBack();
    throw thrown;
  }
  return start({ ...options, limits, recheckMs }, { broker, wirings, counts, emit, inference, sinks });
}

const limitsOf = ({ commitIntervalMs, ...gather }: Topology['delivery']): Limits => ({
  ...defaultLimits,
  ...gather,
  commit: { ...defaultLimits.commit, commitIntervalMs },
});

interface Parts {
  readonly broker: KafkaBroker;
  readonly wirings: readonly Wiring[];
  readonly counts: ReadonlyMap<string, number>;
  readonly emit: Emit;
  readonly inference: OpenInference | undefined;
  readonly sinks: OpenSinks;
}

function start(
  { limits, onFailure, recheckMs }: RunTopologyOptions & { readonly recheckMs: number },
  { broker, wirings, counts, emit, inference, sinks }: Parts,
): RunningTopology {
  const watch = watchPartitions({
    cluster: broker.cluster,
    counts,
    sources: new Map(wirings.map(({ name, from }) => [name, from.topic])),
    everyMs: recheckMs,
    onChange: (error) => {
      for (const { name } of wirings) emit({ event: 'failed', stage: name, error });
      onFailure(error);
    },
  });
  const running = wirings.map((wiring) =>
    runStage({
      wiring,
      broker,
      ...(limits === undefined ? {} : { limits: { ...limits, ...wiring.gather } }),
      clock: realClock,
      unique: randomUUID,
      emit: emitTo(emit, watch.listen),
      onFailure,
    }),
  );
  return {
    stages: wirings.map(({ name }) => name),
    stop: async () => {
      watch.close();
      await Promise.all(running.map((stage) => stage.stop()));
      inference?.close();
      await Promise.all([sinks.close(), broker.close()]);
    },
  };
}

/** Everything that is missing in the environment, at once. */
function programsOf(stages: readonly Stage[], { kafka, registry, triton, postgres }: Environment) {
  const stored = stages.some(({ to }) => 'sink' in to && to.sink === 'PostgreSQL');
  const scored = stages.some(({ declaration }) => declaration.needs?.includes('inference'));
  const encoded = stages.some(
    ({ from, to, checkpoints }) =>
      from.schemas.length > 0 || ('schemas' in to && to.schemas.length > 0) || checkpoints !== undefined,
  );
  const missing = [
    ...(kafka === undefined ? ['environment: DOWNLINK_KAFKA: missing; set it to the addresses of Kafka brokers'] : []),
    ...(encoded && registry === undefined
      ? ['environment: DOWNLINK_REGISTRY: missing; set it to the address of a schema registry']
      : []),
    ...(scored && triton === undefined
      ? ['environment: DOWNLINK_TRITON: missing; set it to the gRPC address of an inference server']
      : []),
    ...(stored && postgres === undefined ? [noPostgres] : []),
  ];
  if (kafka === undefined || missing.length > 0) throw new DownlinkError('config-invalid', missing.join('\n'));
  return { kafka, registry, triton: scored ? triton : undefined };
}

async function untilThere<T>(
  { emit, signal }: RunTopologyOptions,
  stages: readonly Stage[],
  attempt: () => Promise<T>,
): Promise<T | undefined> {
  // An attempt can take longer than anybody waits who wants it to end.
  const givenUp = new Promise<undefined>((resolve) => {
    signal?.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  for (let pauseMs = 100; signal?.aborted !== true; pauseMs = Math.min(2 * pauseMs, 5_000)) {
    try {
      return await Promise.race([attempt(), givenUp]);
    } catch (thrown) {
      const error = classify(thrown);
      if (error.verdict !== 'retry') throw error;
      for (const { declaration } of stages) emit({ event: 'waiting', stage: declaration.name, error, pauseMs });
      await realClock.sleep(pauseMs, signal);
    }
  }
  return undefined;
}
