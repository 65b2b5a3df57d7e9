/** Kafka's error codes, as far as this broker answers them. */
export const kafkaError = {
  none: 0,
  unknownServerError: -1,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  offsetMetadataTooLarge: 12,
  coordinatorNotAvailable: 15,
  invalidTopic: 17,
  invalidRequiredAcks: 21,
  illegalGeneration: 22,
  inconsistentGroupProtocol: 23,
  invalidGroupId: 24,
  unknownMemberId: 25,
  invalidSessionTimeout: 26,
  rebalanceInProgress: 27,
  invalidCommitOffsetSize: 28,
  invalidTimestamp: 32,
  unsupportedSaslMechanism: 33,
  illegalSaslState: 34,
  unsupportedVersion: 35,
  topicAlreadyExists: 36,
  invalidPartitions: 37,
  invalidReplicationFactor: 38,
  invalidReplicaAssignment: 39,
  invalidConfig: 40,
  invalidRequest: 42,
  unsupportedForMessageFormat: 43,
  policyViolation: 44,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  invalidTxnState: 48,
  invalidProducerIdMapping: 49,
  invalidTransactionTimeout: 50,
  concurrentTransactions: 51,
  storageError: 56,
  saslAuthenticationFailed: 58,
  unknownProducerId: 59,
  nonEmptyGroup: 68,
  groupIdNotFound: 69,
  unknownLeaderEpoch: 75,
  memberIdRequired: 79,
  groupMaxSizeReached: 81,
  fencedInstanceId: 82,
  groupSubscribedToTopic: 86,
  invalidRecord: 87,
  unstableOffsetCommit: 88,
  producerFenced: 90,
  unknownTopicId: 100,
  transactionalIdNotFound: 105,
  mismatchedEndpointType: 114,
  unsupportedEndpointType: 115,
} as const;

export type KafkaError = (typeof kafkaError)[keyof typeof kafkaError];

/** Thrown by whatever state refuses a request; each API answers it where its layout has a place for it. */
export class Refused extends Error {
  readonly code: KafkaError;

  constructor(code: KafkaError, message: string) {
    super(message);
    this.code = code;
  }
}

/** Runs it, and answers the code with which it was refused. */
export function codeOf(attempt: () => void): KafkaError {
  try {
    attempt();
    return kafkaError.none;
  } catch (thrown) {
    if (thrown instanceof Refused) return thrown.code;
    throw thrown;
  }
}
