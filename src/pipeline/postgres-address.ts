import type { PostgresSettings } from '../config/postgres-environment.ts';
import type { PostgresAddress } from '../sinks/postgres/pool.ts';
import { readPem } from './read-pem.ts';

/** The environment's words about PostgreSQL, with its certificate files read. */
export function postgresAddressOf({ tls, ...address }: PostgresSettings): PostgresAddress {
  if (tls === undefined) return address;
  const { ca, client } = tls;
  return {
    ...address,
    tls: {
      ...(ca === undefined ? {} : { ca: readPem('DOWNLINK_POSTGRES_CA', ca) }),
      ...(client === undefined
        ? {}
        : { cert: readPem('DOWNLINK_POSTGRES_CERT', client.cert), key: readPem('DOWNLINK_POSTGRES_KEY', client.key) }),
    },
  };
}
