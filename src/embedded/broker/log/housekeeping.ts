import type { Broker } from '../broker.ts';
import { limits } from '../limits.ts';
import { valueOf } from '../topics/configs.ts';
import { compact } from './compaction.ts';
import { expired } from './retention.ts';

const expireMs = 1_000;
// As often as Kafka does.
const compactMs = 15_000;
const retainMs = 300_000;

/** What a broker does by itself: transactions that take too long, records that are too old or too many, keys that have newer values. */
export function keepHouse(broker: Broker): () => void {
  const { settings, topics, transactions } = broker;
  let over = false;
  const every = (ms: number, work: () => Promise<void> | void): NodeJS.Timeout => {
    let busy = false;
    let told = '';
    return setInterval(() => {
      if (busy || over) return;
      busy = true;
      Promise.resolve()
        .then(work)
        .then(
          () => {
            told = '';
          },
          (thrown: unknown) => {
            // A full disk is the same each second, until it is not.
            if (String(thrown) !== told) settings.note(`keeping house: ${String(thrown)}`);
            told = String(thrown);
          },
        )
        .finally(() => {
          busy = false;
        });
    }, ms).unref();
  };
  const retain = (): void => {
    for (const { configs, logs } of [...topics.all]) {
      for (const log of logs) log.producers.forget(log.start, Date.now() - limits.producerKeptMs);
      if (!valueOf(configs, 'cleanup.policy').includes('delete')) continue;
      const retentionMs = Number(valueOf(configs, 'retention.ms'));
      const retentionBytes = Number(valueOf(configs, 'retention.bytes'));
      for (const log of logs) {
        const before = expired(log, { retentionMs, retentionBytes });
        if (before > log.start) log.removeBefore(before);
      }
    }
  };
  const compactAll = async (): Promise<void> => {
    for (const { configs, logs } of [...topics.all]) {
      if (!valueOf(configs, 'cleanup.policy').includes('compact')) continue;
      for (const log of logs) {
        if (over) return;
        await compact(log, {
          segmentBytes: Number(valueOf(configs, 'segment.bytes')),
          dirtyRatio: Number(valueOf(configs, 'min.cleanable.dirty.ratio')),
          deleteRetentionMs: Number(valueOf(configs, 'delete.retention.ms')),
          lagMs: Number(valueOf(configs, 'min.compaction.lag.ms')),
        });
      }
    }
  };
  const timers = [every(expireMs, () => transactions.expire()), every(compactMs, compactAll), every(retainMs, retain)];
  return () => {
    over = true;
    for (const timer of timers) clearInterval(timer);
  };
}
