import { DownlinkError } from '../../src/errors.ts';
import type { Owner, Scheduler } from './scheduler.ts';

/** How likely each of it is, for one request, while faults are on. */
export interface NetworkFaults {
  /** Milliseconds of most ways, and how many of them are long ones. */
  readonly usual: number;
  readonly long: number;
  readonly lostRequest: number;
  readonly lostAnswer: number;
  /** It comes to the broker long after the client has given it up. */
  readonly late: number;
  /** Of those that get no answer: the client hears nothing, and waits for its time-out. */
  readonly silent: number;
}

export interface Network {
  /** Between a process and a broker, with what can happen to a request on the way. */
  exchange<T>(node: number, what: string, timeoutMs: number, handle: (answer: (value: T) => void) => void): Promise<T>;
  /** Everything that is under way to a broker, or from it, is lost; nobody answers for so long. */
  restart(node: number, ms: number): void;
  /** A process that is cut off, with its broker not knowing it. */
  cut(owner: Owner, ms: number): void;
  /** What a dead process has sent comes, or not. */
  forget(owner: Owner): void;
  /** From here on nothing is lost or late. */
  calm(): void;
  readonly isCalm: boolean;
  /** From here on nobody hears anything. */
  close(): void;
}

interface UnderWay {
  readonly owner: Owner;
  readonly node: number;
  delivered: boolean;
  lost: boolean;
  /** Silent: the client hears nothing, and waits for its time-out. */
  readonly lose: (why: string, silent?: boolean) => void;
}

export function openNetwork(scheduler: Scheduler, faults: NetworkFaults): Network {
  const { random } = scheduler;
  const underWay = new Set<UnderWay>();
  const downUntil = new Map<number, number>();
  const cutUntil = new Map<Owner, number>();
  let calm = false;
  let closed = false;

  const chance = (likely: number) => !calm && random() < likely;
  const way = (): number => {
    if (chance(faults.long)) return 5 + random() ** 3 * 400;
    return random() * faults.usual;
  };

  const exchange: Network['exchange'] = (node, what, timeoutMs, handle) => {
    if (closed) return new Promise(() => undefined);
    const owner = scheduler.current;
    if (owner === undefined) throw new Error(`${what} is nobody's`);
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        close();
        reject(new DownlinkError('kafka-unavailable', `${what}: ${why}`));
      };
      const one: UnderWay = { owner, node, delivered: false, lost: false, lose: noAnswer };
      const close = () => underWay.delete(one);
      underWay.add(one);
      function noAnswer(why: string, silent = chance(faults.silent)): void {
        scheduler.trace(owner?.name, what, why);
        one.lost = true;
        scheduler.after(silent ? timeoutMs : way(), () => fail(why), owner);
      }
      const deliver = () => {
        one.delivered = true;
        const to = { answered: false };
        handle((value) => {
          if (to.answered) return;
          to.answered = true;
          if (one.lost) return;
          if (chance(faults.lostAnswer)) return noAnswer('lost the answer');
          const back = () => {
            if (one.lost) return;
            close();
            resolve(value);
          };
          scheduler.after(way(), back, owner);
        });
        // What waits at the broker may be forgotten there.
        if (!to.answered && !one.lost) scheduler.after(timeoutMs, () => fail('no answer in time'), owner);
      };
      const isCut = () => (cutUntil.get(owner) ?? 0) > scheduler.now;
      const isDown = () => (downUntil.get(node) ?? 0) > scheduler.now;
      if (isDown() || isCut() || chance(faults.lostRequest)) return noAnswer('not delivered');
      if (chance(faults.late)) {
        noAnswer('late');
        scheduler.after(random() ** 2 * 2_000, deliver, null);
        return;
      }
      const arrive = () => {
        if (!one.lost) deliver();
      };
      scheduler.after(way(), arrive, null);
    });
  };

  return {
    exchange,
    restart: (node, ms) => {
      downUntil.set(node, scheduler.now + ms);
      for (const one of underWay) {
        if (one.node === node && !one.lost) one.lose('the broker restarts', false);
      }
    },
    cut: (owner, ms) => {
      cutUntil.set(owner, scheduler.now + ms);
      // What is under way to the process is lost as well, and what is under way from it may come.
      for (const one of underWay) {
        if (one.owner === owner && !one.lost && random() < 0.7) one.lose('cut off', true);
      }
    },
    forget: (owner) => {
      for (const one of underWay) {
        if (one.owner !== owner) continue;
        if (!one.delivered && random() < 0.5) one.lost = true;
        underWay.delete(one);
      }
    },
    get isCalm() {
      return calm;
    },
    close: () => {
      closed = true;
    },
    calm: () => {
      calm = true;
      downUntil.clear();
      cutUntil.clear();
    },
  };
}
