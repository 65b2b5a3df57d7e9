import { readFileSync } from 'node:fs';
import type { KafkaSettings, TlsFiles } from '../config/kafka-environment.ts';
import { DownlinkError } from '../errors.ts';
import type { KafkaAddress } from '../kafka/connection.ts';

/** The environment's words about Kafka, with its certificate files read now: a renewed one counts from the next start. */
export function kafkaAddressOf({ brokers, tls, sasl }: KafkaSettings): KafkaAddress {
  return {
    brokers,
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

const tlsOf = ({ ca, client }: TlsFiles): NonNullable<KafkaAddress['tls']> => ({
  ...(ca === undefined ? {} : { ca: pem('DOWNLINK_KAFKA_CA', ca) }),
  ...(client === undefined
    ? {}
    : { cert: pem('DOWNLINK_KAFKA_CERT', client.cert), key: pem('DOWNLINK_KAFKA_KEY', client.key) }),
});

function pem(variable: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    const why = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new DownlinkError('config-invalid', `environment: ${variable}: ${path} cannot be read (${why})`);
  }
  if (!text.includes('-----BEGIN ')) {
    throw new DownlinkError('config-invalid', `environment: ${variable}: ${path} is no PEM file`);
  }
  return text;
}
