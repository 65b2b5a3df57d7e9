import { encodeBatch } from '../../src/kafka/records/encode-batch.ts';
import { passThrough } from '../support/pass-through.ts';
import { openBroker } from './broker.ts';
import { chanceOf } from './chance.ts';
import { openNetwork } from './network.ts';
import { checkCheckpoints, checkEnd, observe, type Input } from './observer.ts';
import { drawPlan, type Action } from './plan.ts';
import { openScheduler } from './scheduler.ts';
import { beginVirtualTime, endVirtualTime } from './virtual-time.ts';
import { startWorker, type Plant, type Worker, type World } from './worker.ts';

export interface Result {
  readonly seed: number;
  /** What is wrong; none: all is well. */
  readonly faults: readonly string[];
  readonly events: number;
  readonly virtualMs: number;
  readonly trace: readonly string[];
}

export interface SimulateOptions {
  readonly plant?: (() => Plant) | undefined;
  readonly tracing?: boolean;
}

const patienceMs = 60_000;

/** One schedule, from its seed: the same seed is the same schedule. */
export async function simulate(seed: number, { plant, tracing = false }: SimulateOptions = {}): Promise<Result> {
  const random = chanceOf(seed);
  const plan = drawPlan(random);
  const scheduler = openScheduler(random, tracing);
  const network = openNetwork(scheduler, plan.network);
  const markerDelay = () => (random() < plan.longMarkers ? random() * 300 : random() * plan.markerMs);
  const broker = openBroker(scheduler, { ...plan.broker, markerDelay });
  const faults: string[] = [];
  const fail = (what: string) => {
    scheduler.trace('WRONG', what);
    faults.push(what);
  };
  if (tracing) scheduler.trace(JSON.stringify(plan));

  const topics = ['t0', 't1', 't2'].slice(0, plan.stages + 1);
  const wirings = topics.slice(1).map((to, i) =>
    passThrough({
      group: `g${i}`,
      from: `t${i}`,
      to,
      partitions: plan.partitions,
      ...(plan.stateful ? { checkpoints: `c${i}` } : {}),
    }),
  );
  const numbers = Array.from({ length: plan.partitions }, (_, partition) => partition);
  for (const topic of topics) for (const partition of numbers) broker.log(topic, partition);
  const inputs = numbers.map((): Input[] => []);
  const observers = topics
    .slice(1)
    .map((topic) =>
      numbers.map((partition) => observe(broker.log(topic, partition), inputs[partition] ?? [], plan.stateful, fail)),
    );
  const isDone = (): boolean =>
    isFed &&
    wirings.every(({ group }, stage) =>
      numbers.every((partition) => {
        const end = stage === 0 ? broker.log('t0', partition).end : (observers[stage - 1]?.[partition]?.end ?? 0);
        return (
          observers[stage]?.[partition]?.seen === inputs[partition]?.length &&
          (broker.group(group).committed(partition) ?? 0) === end
        );
      }),
    );

  // It is looked at only where something was decided.
  let decided = true;
  let isFed = false;
  for (const [stage, list] of observers.entries()) {
    for (const [partition, observer] of list.entries()) {
      const log = broker.log(topics[stage + 1] ?? '', partition);
      const { changed } = log;
      log.changed = () => {
        observer.look();
        decided = true;
        changed();
      };
    }
    broker.group(`g${stage}`).onCommitted = (partition, offset, before) => {
      decided = true;
      if (offset < before) fail(`the offset of g${stage} in ${partition} went back from ${before} to ${offset}`);
    };
  }

  const feed = (left: number): void => {
    if (left === 0) {
      isFed = true;
      decided = true;
      return;
    }
    const partition = Math.floor(random() * plan.partitions);
    const count = Math.min(left, 1 + Math.floor(random() * 6));
    const records = Array.from({ length: count }, (_, i) => {
      const key = `p${partition}k${Math.floor(random() * 3)}`;
      const number = plan.records - left + i;
      inputs[partition]?.push({ key, number });
      return { key, value: `${key} ${number}`, timestamp: 0 };
    });
    const log = broker.log('t0', partition);
    log.append(encodeBatch(records, { producerId: -1n, producerEpoch: -1, baseSequence: -1, transactional: false }));
    log.changed();
    scheduler.after((random() * 6 * plan.troubledMs) / plan.records, () => feed(left - count), null);
  };

  const world: World = { plan, scheduler, network, broker, wirings, plant, fail };
  const workers: Worker[] = [];
  let isEnding = false;
  const begin = () => {
    if (isEnding) return;
    workers.push(startWorker(world, `w${workers.length}`));
  };
  const alive = () => workers.filter(({ owner, stopped }) => owner.state !== 'dead' && !stopped);
  const leaving = new Set<Worker>();

  const act = ({ deed, ms, choice }: Action): void => {
    const some = alive();
    const one = some[Math.floor(choice * some.length)];
    if (deed === 'join') {
      if (some.length < 4) begin();
      return;
    }
    if (deed === 'restart') {
      scheduler.trace('broker restarts for', ms);
      return network.restart(choice < 0.8 ? 1 : 2, choice < 0.6 ? ms : ms / 4);
    }
    if (one === undefined) return;
    scheduler.trace(deed, one.owner.name, ms);
    if (deed === 'pause') {
      one.owner.state = 'paused';
      scheduler.after(ms, () => scheduler.resume(one.owner), null);
    } else if (deed === 'cut') network.cut(one.owner, ms);
    else if (deed === 'stop') {
      leaving.add(one);
      one.stop();
    } else {
      one.owner.state = 'dead';
      network.forget(one.owner);
      if (choice < 0.7) scheduler.after(ms / 2, begin, null);
    }
  };

  const calm = (): void => {
    scheduler.trace('calm from here on');
    network.calm();
    broker.calm();
    for (const { owner } of workers) scheduler.resume(owner);
    if (alive().every((one) => leaving.has(one))) begin();
  };

  beginVirtualTime(scheduler);
  // Half of the time would go into stacks that nobody reads.
  const { stackTraceLimit } = Error;
  if (!tracing) Error.stackTraceLimit = 0;
  try {
    for (let i = 0; i < plan.workers; i++) scheduler.after(random() * 100, begin, null);
    for (const action of plan.actions) scheduler.after(action.at, () => act(action), null);
    scheduler.after(plan.troubledMs, calm, null);
    scheduler.after(0, () => feed(plan.records), null);
    const isOver = () => {
      const over = (decided && isDone()) || faults.length > 0;
      decided = false;
      return over;
    };
    const over = await scheduler.run(isOver, plan.troubledMs + patienceMs);
    if (!over) fail('it does not come to an end');
    if (faults.length === 0) await end();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    endVirtualTime();
    network.close();
    // What still listens to a signal keeps the whole schedule in memory.
    for (const worker of workers) worker.release();
    // And what goes on for it now must not meet the next schedule's time and chance.
    await scheduler.settled();
  }
  return { seed, faults, events: scheduler.events, virtualMs: scheduler.now, trace: scheduler.traced };

  async function end(): Promise<void> {
    await scheduler.run(() => scheduler.now > plan.troubledMs, Infinity);
    isEnding = true;
    for (const worker of alive()) worker.stop();
    const isOver = () => workers.every(({ owner, stopped }) => stopped || owner.state === 'dead') || faults.length > 0;
    if (!(await scheduler.run(isOver, scheduler.now + patienceMs))) return fail('the workers do not stop');
    // Until nothing is due any more: all time-outs have passed.
    await scheduler.run(() => faults.length > 0, scheduler.now + 20_000);
    if (scheduler.isBusy) return fail('something goes on after the end');
    if (broker.transactions.undecided.length > 0) fail(`undecided: ${broker.transactions.undecided.join(' ')}`);
    if (!isDone()) fail('it was done, and is no more');
    checkEnd(broker.logs.values(), fail);
    for (const [stage] of plan.stateful ? wirings.entries() : []) {
      for (const partition of numbers)
        checkCheckpoints(broker.log(`c${stage}`, partition), inputs[partition] ?? [], fail);
    }
  }
}
