import type { Membership, NotedOffset } from '../api/28-txn-offset-commit.ts';
import type { TopicPartition } from '../cluster.ts';
import type { OutRecord } from '../records/encode-batch.ts';

/** All that becomes visible at once, or never. */
export interface Transaction {
  readonly records: readonly (TopicPartition & { readonly records: readonly OutRecord[] })[];
  readonly offsets?: GroupOffsets;
}

export interface GroupOffsets {
  readonly group: string;
  readonly membership?: Membership;
  /** The offset after the last record that was worked on. */
  readonly offsets: readonly NotedOffset[];
}

/**
 * `committed` and `not committed` are certain. `unknown` is left only where another writer has fenced this one, or the
 * deadline passed: then the committed offset is the truth, read after `resume` has said `ours`.
 */
export type Outcome =
  | { readonly end: 'committed' }
  | {
      readonly end: 'not committed';
      readonly why: string;
      readonly owner: Owner;
      /** The broker will never take these records: the same again would end the same. */
      readonly refused?: true;
    }
  | { readonly end: 'unknown'; readonly why: string; readonly owner: Owner };

/** Whose the transactional id is, as far as is known. */
export type Owner = 'ours' | 'uncertain' | 'lost';
