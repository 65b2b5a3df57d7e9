import type { Code } from '../errors.ts';
import type { OutRecord } from '../kafka/records/encode-batch.ts';
import type { RecordView } from '../kafka/records/record-views.ts';

/** Where a record was refused. */
export interface Origin {
  readonly stage: string;
  readonly topic: string;
  readonly partition: number;
}

export interface Refusal {
  readonly code: Code;
  /** Before the stage saw it, or by the stage. */
  readonly phase: 'decode' | 'process';
  readonly detail: string;
  /** Of a block: the places of the samples that were refused; the others went on. */
  readonly samples?: readonly number[] | undefined;
}

export const letterHeaders = {
  code: 'downlink.code',
  phase: 'downlink.phase',
  stage: 'downlink.stage',
  topic: 'downlink.topic',
  partition: 'downlink.partition',
  offset: 'downlink.offset',
  timestamp: 'downlink.timestamp',
  samples: 'downlink.samples',
  detail: 'downlink.detail',
} as const;

const longestDetail = 1_000;

/** A refused record, byte for byte, with the reason and the way back in headers behind its own. */
export function deadLetter(record: RecordView, origin: Origin, refusal: Refusal): OutRecord {
  const said = {
    [letterHeaders.code]: refusal.code,
    [letterHeaders.phase]: refusal.phase,
    [letterHeaders.stage]: origin.stage,
    [letterHeaders.topic]: origin.topic,
    [letterHeaders.partition]: String(origin.partition),
    [letterHeaders.offset]: String(record.offset),
    [letterHeaders.timestamp]: String(record.timestamp),
    ...(refusal.samples === undefined ? {} : { [letterHeaders.samples]: refusal.samples.join(',') }),
    [letterHeaders.detail]: refusal.detail.slice(0, longestDetail),
  };
  // What an earlier refusal said, of a record that was sent back, is no longer true.
  const own = record.headers().filter(([name]) => !Object.hasOwn(said, name) && name !== letterHeaders.samples);
  return {
    key: record.key,
    value: record.value,
    timestamp: record.timestamp,
    headers: [...own, ...Object.entries(said)],
  };
}
