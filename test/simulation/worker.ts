import type { KafkaConfig } from 'kafkajs';
import { DownlinkError } from '../../src/errors.ts';
import type { Cluster } from '../../src/kafka/cluster.ts';
import type { GroupOptions, MemberOfGroup } from '../../src/kafka/group/kafkajs-group.ts';
import { openLanes, type LanesOptions } from '../../src/kafka/group/lanes.ts';
import { endLeftBehind } from '../../src/kafka/group/left-behind.ts';
import { openFetcher } from '../../src/kafka/reader/fetcher.ts';
import { openTransactionalWriter } from '../../src/kafka/writer/transactional-writer.ts';
import { kafkaLog } from '../../src/runner/kafka-log.ts';
import type { Log } from '../../src/runner/restore.ts';
import { runStage, type Broker, type RunningStage } from '../../src/runner/run-stage.ts';
import type { Wiring } from '../../src/runner/wiring.ts';
import type { Numbered } from '../support/pass-through.ts';
import type { BrokerModel } from './broker.ts';
import { openClusterModel, openMemberModel } from './client.ts';
import type { Network } from './network.ts';
import type { Plan } from './plan.ts';
import type { Owner, Scheduler } from './scheduler.ts';
import { virtualClock } from './virtual-time.ts';

export type Writer = ReturnType<Broker['openWriter']>;

/** A bug to be found: it stands between the real code and its ports. One is made for each process. */
export interface Plant {
  cluster?(cluster: Cluster): Cluster;
  log?(log: Log): Log;
  writer?(writer: Writer): Writer;
  lanes?(options: LanesOptions): LanesOptions;
}

export interface World {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly broker: BrokerModel;
  readonly wirings: readonly Wiring<Numbered, Numbered, number>[];
  readonly plant: (() => Plant) | undefined;
  readonly fail: (what: string) => void;
}

export interface Worker {
  readonly owner: Owner;
  stop(): void;
  readonly stopped: boolean;
  /** Lets go of its signals, after the end. */
  release(): void;
}

/** What the stand-ins of modules find in a configuration. */
export interface ModelConfig extends KafkaConfig {
  openCluster(): Cluster;
  openConsumerGroup(options: GroupOptions): MemberOfGroup;
}

export function startWorker(world: World, name: string): Worker {
  const { plan, scheduler, network, broker, wirings, fail } = world;
  const owner: Owner = { name, state: 'running' };
  let stages: readonly RunningStage[] = [];
  let stopped = false;

  const start = () => {
    if (stopped) return;
    scheduler.trace(name, 'starts');
    let names = 0;
    const options = {
      broker: portsOf(world),
      clock: virtualClock(scheduler),
      limits: plan.limits,
      unique: () => `${name}-${++names}`,
      onFailure: (error: DownlinkError) => fail(`${name} failed: ${error.message} ${error.stack ?? ''}`),
      emit: (event: object) => {
        if (scheduler.isTracing) scheduler.trace(name, told(event));
      },
    };
    stages = wirings.map((wiring) => runStage({ ...options, wiring: slowed(wiring, world) }));
  };
  scheduler.after(0, start, owner);
  return {
    owner,
    release: () => {
      for (const stage of stages) stage.stop().catch(() => undefined);
    },
    get stopped() {
      return stopped;
    },
    stop: () => {
      scheduler.trace(name, 'is told to stop');
      if (stages.length === 0) stopped = true;
      const stop = async () => {
        await Promise.all(stages.map((stage) => stage.stop()));
        scheduler.trace(name, 'stopped');
        stopped = true;
      };
      scheduler.after(
        0,
        () => {
          stop().catch((thrown: unknown) => fail(String(thrown)));
        },
        owner,
      );
    },
  };

  function portsOf({ plant: makePlant }: World): Broker {
    const config: ModelConfig = {
      brokers: [],
      openCluster: () => openClusterModel(broker, network),
      openConsumerGroup: (group) => openMemberModel(broker, network, group),
    };
    const plant = makePlant?.() ?? {};
    const fetcher = openFetcher({ config, maxWaitMs: 200 });
    const cluster = plant.cluster?.(fetcher.cluster) ?? fetcher.cluster;
    const { transactionTimeoutMs, deadlineMs, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatMs } = plan;
    return {
      logOf: (group) => {
        const log = kafkaLog(fetcher, group);
        return plant.log?.(log) ?? log;
      },
      openWriter: (transactionalId) => {
        const writer = openTransactionalWriter(cluster, { transactionalId, transactionTimeoutMs, deadlineMs });
        return plant.writer?.(writer) ?? writer;
      },
      openLanes: (lanes) => {
        const all = {
          ...lanes,
          config,
          fetcher,
          sessionTimeoutMs,
          rebalanceTimeoutMs,
          heartbeatMs,
          idleHeartbeatMs: heartbeatMs,
        };
        return openLanes(plant.lanes?.(all) ?? all);
      },
      endLeftBehind: (group, prefix) => endLeftBehind(cluster, group, prefix),
    };
  }
}

/** The stage takes its time, and fails now and then, sometimes after it has changed its state. */
function slowed(wiring: World['wirings'][number], { plan, scheduler, network }: World): World['wirings'][number] {
  const { random } = scheduler;
  const clock = virtualClock(scheduler);
  return {
    ...wiring,
    open: (lane) => {
      const stage = wiring.open(lane);
      return {
        process: async (batch, signal) => {
          if (plan.workMs > 0) await clock.sleep(random() * plan.workMs);
          const outcome = await stage.process(batch, signal);
          if (!network.isCalm && random() < plan.failing) throw new DownlinkError('registry-unavailable', 'planned');
          return outcome;
        },
      };
    },
  };
}

const told = (event: object): string =>
  JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));
