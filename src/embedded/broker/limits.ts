const dayMs = 86_400_000;

/** What this broker holds its clients to, so that no client takes the memory of all. What Kafka has a name for is told under it. */
export const limits = {
  /** Of the id of a group, of a static member, and of a transactional producer, in characters. */
  longestId: 1_024,
  shortestSessionMs: 6_000,
  longestSessionMs: 30 * 60_000,
  mostGroups: 10_000,
  /** Of one group, with those who have only been told their ids. */
  mostMembers: 2_000,
  /** What its members say of themselves, and what is shared out to them. */
  groupBytes: 4 * 1024 * 1024,
  /** That of all groups. */
  allGroupsBytes: 64 * 1024 * 1024,
  /** Of a committed offset, in characters. */
  longestNote: 4_096,
  /** What offsets take, those of open transactions too. */
  offsetsBytes: 64 * 1024 * 1024,
  offsetsKeptMs: 7 * dayMs,
  mostTransactionalIds: 100_000,
  longestTransactionMs: 15 * 60_000,
  transactionalIdKeptMs: 7 * dayMs,
  /** Of a partition: who has not written to it for so long may write anything next. */
  producerKeptMs: dayMs,
} as const;
