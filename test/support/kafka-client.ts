import { Kafka, logLevel, type KafkaConfig, type Producer } from 'kafkajs';

/** The client of all tests: says nothing about the retries that are part of a good run, and comes back to them soon. */
export function quietKafka(bootstrap: string, more: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({
    clientId: 'downlink-test',
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 10, initialRetryTime: 50, maxRetryTime: 1_000 },
    ...more,
  });
}

export const transactional = (kafka: Kafka, transactionalId: string): Producer =>
  kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
