/**
 * What an answer of the broker means to a writer, and what it does: the one table of it. Codes are Kafka's.
 *
 * - `done`: next.
 * - `again`: the same after a pause.
 * - `leader`: the leader is another now; find it, the same bytes again to it.
 * - `coordinator`: the coordinator is another now; find it, the same again.
 * - `refused`: the broker will never take these records; abort, and let a person look.
 * - `failed`: this transaction can only be aborted; the writer lives.
 * - `lost`: the group has given the partition to another; abort and let go.
 * - `dead`: another writer has fenced this one.
 */
export type Meaning = 'done' | 'again' | 'leader' | 'coordinator' | 'refused' | 'failed' | 'lost' | 'dead';

/** Those that end a transaction before its commit. */
export type Stop = Exclude<Meaning, 'done' | 'again' | 'leader' | 'coordinator'>;

export type Step = 'produce' | 'offsets' | 'end' | 'init' | 'add';

const everywhere: Readonly<Record<number, Meaning>> = {
  0: 'done',
  14: 'coordinator', // COORDINATOR_LOAD_IN_PROGRESS
  15: 'coordinator', // COORDINATOR_NOT_AVAILABLE
  16: 'coordinator', // NOT_COORDINATOR
  51: 'again', // CONCURRENT_TRANSACTIONS: the markers of the transaction before are still being written
  47: 'dead', // INVALID_PRODUCER_EPOCH
  49: 'dead', // INVALID_PRODUCER_ID_MAPPING
  90: 'dead', // PRODUCER_FENCED
};

const inStep: Readonly<Record<Step, Readonly<Record<number, Meaning>>>> = {
  produce: {
    46: 'done', // DUPLICATE_SEQUENCE_NUMBER: it was written before
    2: 'leader', // CORRUPT_MESSAGE: damaged on the way, our own bytes are right
    3: 'leader', // UNKNOWN_TOPIC_OR_PARTITION
    5: 'leader', // LEADER_NOT_AVAILABLE
    6: 'leader', // NOT_LEADER_OR_FOLLOWER
    7: 'leader', // REQUEST_TIMED_OUT
    19: 'leader', // NOT_ENOUGH_REPLICAS
    20: 'leader', // NOT_ENOUGH_REPLICAS_AFTER_APPEND
    56: 'leader', // KAFKA_STORAGE_ERROR
    74: 'leader', // FENCED_LEADER_EPOCH
    75: 'leader', // UNKNOWN_LEADER_EPOCH
    10: 'refused', // MESSAGE_TOO_LARGE
    18: 'refused', // RECORD_LIST_TOO_LARGE
    29: 'refused', // TOPIC_AUTHORIZATION_FAILED
    32: 'refused', // INVALID_TIMESTAMP
    87: 'refused', // INVALID_RECORD
  },
  offsets: {
    3: 'again', // UNKNOWN_TOPIC_OR_PARTITION
    22: 'lost', // ILLEGAL_GENERATION
    25: 'lost', // UNKNOWN_MEMBER_ID
    27: 'lost', // REBALANCE_IN_PROGRESS
    82: 'lost', // FENCED_INSTANCE_ID
  },
  add: { 3: 'again' },
  end: {},
  init: {},
};

/** What is not in the table is `failed`: after an error that is not known nothing may be committed. */
export const meaningOf = (step: Step, error: number): Meaning => everywhere[error] ?? inStep[step][error] ?? 'failed';

/** INVALID_TXN_STATE in the answer to a commit: there is nothing to commit, it was timed out or aborted. */
export const nothingToCommit = 48;

/** Ends a transaction before its commit. */
export class Refused extends Error {
  readonly meaning: Stop;

  constructor(meaning: Stop, why: string) {
    super(why);
    this.meaning = meaning;
  }
}
