import type { KafkaSettings } from '../config/kafka-environment.ts';
import type { TlsFiles } from '../config/tls-environment.ts';
import type { KafkaAddress } from '../kafka/connection.ts';
import { readPem } from './read-pem.ts';

/** The environment's words about Kafka, with its certificate files read. */
export function kafkaAddressOf({ brokers, tls, sasl }: KafkaSettings): KafkaAddress {
  return {
    brokers,
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

const tlsOf = ({ ca, client }: TlsFiles): NonNullable<KafkaAddress['tls']> => ({
  ...(ca === undefined ? {} : { ca: readPem('DOWNLINK_KAFKA_CA', ca) }),
  ...(client === undefined
    ? {}
    : { cert: readPem('DOWNLINK_KAFKA_CERT', client.cert), key: readPem('DOWNLINK_KAFKA_KEY', client.key) }),
});
