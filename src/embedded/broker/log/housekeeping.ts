import type { Broker } from '../broker.ts';
import { valueOf } from '../topics/configs.ts';
import { compact } from './compaction.ts';
import { expired } from './retention.ts';

const expireMs = 1_000;
const cleanMs = 15_000;

/** What a broker does by itself: transactions that take too long, records that are too old or too many, keys that have newer values. */
export function keepHouse(broker: Broker): () => void {
  const { settings, topics, transactions } = broker;
  let over = false;
  const every = (ms: number, work: () => Promise<void> | void): NodeJS.Timeout => {
    let busy = false;
    return setInterval(() => {
      if (busy || over) return;
      busy = true;
      Promise.resolve()
        .then(work)
        .catch((thrown: unknown) => settings.note(`keeping house: ${String(thrown)}`))
        .finally(() => {
          busy = false;
        });
    }, ms).unref();
  };
  const clean = async (): Promise<void> => {
    for (const { configs, logs } of [...topics.all]) {
      const policy = valueOf(configs, 'cleanup.policy');
      for (const log of logs) {
        if (over) return;
        if (policy.includes('delete')) {
          const before = expired(log, {
            retentionMs: Number(valueOf(configs, 'retention.ms')),
            retentionBytes: Number(valueOf(configs, 'retention.bytes')),
          });
          if (before > log.start) log.removeBefore(before);
        }
        if (policy.includes('compact')) {
          await compact(log, {
            dirtyRatio: Number(valueOf(configs, 'min.cleanable.dirty.ratio')),
            deleteRetentionMs: Number(valueOf(configs, 'delete.retention.ms')),
            lagMs: Number(valueOf(configs, 'min.compaction.lag.ms')),
          });
        }
      }
    }
  };
  const timers = [every(expireMs, () => transactions.expire()), every(cleanMs, clean)];
  return () => {
    over = true;
    for (const timer of timers) clearInterval(timer);
  };
}
