import { numbered } from '../support/pass-through.ts';
import { recordsOf, type PartitionLog } from './partition-log.ts';

export interface Input {
  readonly key: string;
  readonly number: number;
}

/** Reads an output partition as it grows, committed records only: the n-th of them is the n-th input, with its count. */
export interface Observer {
  look(): void;
  readonly seen: number;
  /** Behind the last record that was seen. */
  readonly end: number;
}

export function observe(
  log: PartitionLog,
  inputs: readonly Input[],
  counted: boolean,
  fail: (what: string) => void,
): Observer {
  const counts = new Map<string, number>();
  let at = 0;
  let seen = 0;
  let end = 0;
  return {
    get seen() {
      return seen;
    },
    get end() {
      return end;
    },
    look: () => {
      const upTo = log.stableEnd;
      for (let entry = log.entries[at]; entry !== undefined && entry.last < upTo; entry = log.entries[++at]) {
        if (entry.control || entry.state !== 'committed') continue;
        end = entry.last + 1;
        for (const record of recordsOf(entry)) {
          const { key, number, count } = numbered.decode(record.value ?? Buffer.alloc(0));
          const input = inputs[seen++];
          const right = (counts.get(key) ?? 0) + 1;
          counts.set(key, right);
          const where = `${log.topic} ${log.partition} offset ${record.offset}`;
          if (input?.key !== key || input.number !== number)
            fail(`${where}: ${key} ${number} where ${input?.key} ${input?.number} should be`);
          else if (counted && count !== right) fail(`${where}: ${key} ${number} has the count ${count}, not ${right}`);
        }
      }
    },
  };
}

/** What is there when all is done and every time-out has passed. */
export function checkEnd(logs: Iterable<PartitionLog>, fail: (what: string) => void): void {
  for (const log of logs) {
    const { topic, partition, end, stableEnd } = log;
    if (stableEnd !== end) fail(`${topic} ${partition} is undecided from ${stableEnd} on, and ends at ${end}`);
    if (topic.endsWith('-dead') && log.committed().length > 0) fail(`there is a dead letter in ${topic} ${partition}`);
  }
}

export function checkCheckpoints(log: PartitionLog, inputs: readonly Input[], fail: (what: string) => void): void {
  const right = new Map<string, number>();
  for (const { key } of inputs) right.set(key, (right.get(key) ?? 0) + 1);
  const latest = new Map<string, number>();
  for (const record of log.committed()) latest.set(record.keyText() ?? '', Number(record.value?.toString()));
  for (const [key, count] of right) {
    if (latest.get(key) !== count) fail(`the checkpoint of ${key} in ${log.topic} is ${latest.get(key)}, not ${count}`);
  }
  if (latest.size !== right.size) fail(`${log.topic} ${log.partition} has ${latest.size} keys, not ${right.size}`);
}
