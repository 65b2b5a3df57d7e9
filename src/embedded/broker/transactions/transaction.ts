export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** Who writes: as the coordinator gave it to them. */
export interface Producer {
  readonly id: number;
  readonly epoch: number;
}

export type TransactionState =
  'Empty' | 'Ongoing' | 'PrepareCommit' | 'PrepareAbort' | 'CompleteCommit' | 'CompleteAbort';

/** What is known of a transactional id. It is written down before anything is done or answered. */
export interface Transaction {
  readonly id: string;
  readonly producer: Producer;
  /** Of the transaction before: a repeated end of it, or a repeated resume, comes under this. */
  readonly last: Producer;
  /** Under which its end is marked: with a raised epoch nobody who is late gets in behind the marker. */
  readonly marker: Producer;
  readonly timeoutMs: number;
  readonly state: TransactionState;
  readonly partitions: readonly Place[];
  readonly startedAt: number;
  readonly changedAt: number;
}

export const nobody: Producer = { id: -1, epoch: -1 };

export const isSame = (a: Producer, b: Producer): boolean => a.id === b.id && a.epoch === b.epoch;

/** An id that nobody has used before. */
export const begun = (id: string, producer: Producer, timeoutMs: number, changedAt: number): Transaction => ({
  ...{ id, producer, timeoutMs, changedAt, last: nobody, marker: nobody },
  ...{ state: 'Empty', partitions: [], startedAt: -1 },
});

/** Behind the last epoch comes a new producer. */
const lastEpoch = 32_766;

export const raised = ({ id, epoch }: Producer, newId: () => number): Producer =>
  epoch >= lastEpoch ? { id: newId(), epoch: 0 } : { id, epoch: epoch + 1 };

export const nameOfPlace = ({ topic, partition }: Place): string => `${topic} ${partition}`;

export const isPlace = (a: Place, b: Place): boolean => a.topic === b.topic && a.partition === b.partition;
