import { Secret } from './secret.ts';
import { tlsFrom, type TlsFiles } from './tls-environment.ts';
import { oneOf, type Variable } from './variable.ts';

/** What the environment says of PostgreSQL. Certificates and keys are paths here: whoever connects reads the files. */
export interface PostgresSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  readonly tls: TlsFiles | undefined;
}

const usualPort = 5432;

function address(value: string): string | undefined {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol) || parsed.hostname === '')
    return 'write an address like postgres://127.0.0.1:5432/downlink';
  if (parsed.username !== '' || parsed.password !== '') return 'keep name and password out of the address';
  if (parsed.search !== '' || parsed.hash !== '') return 'leave out what stands behind the database';
  return /^\/[\w.~-]+$/.test(parsed.pathname) ? undefined : 'name a database behind the port, like /downlink';
}

export const postgresVariables = {
  DOWNLINK_POSTGRES: { about: 'PostgreSQL with a database, like postgres://127.0.0.1:5432/downlink.', wrong: address },
  DOWNLINK_POSTGRES_USERNAME: { about: 'Name for PostgreSQL.' },
  DOWNLINK_POSTGRES_PASSWORD: { about: 'Password for PostgreSQL.' },
  DOWNLINK_POSTGRES_TLS: {
    about: 'true: connect with TLS. Implied by DOWNLINK_POSTGRES_CA.',
    ...oneOf('true', 'false'),
  },
  DOWNLINK_POSTGRES_CA: {
    about: "A PEM file with the authority of the server's certificate, where it is no public one.",
  },
  DOWNLINK_POSTGRES_CERT: { about: 'A PEM file with the certificate that downlink shows.' },
  DOWNLINK_POSTGRES_KEY: { about: "A PEM file with that certificate's key." },
} as const satisfies Record<string, Variable>;

type Value = (name: keyof typeof postgresVariables) => string | undefined;

export function postgresFrom(
  value: Value,
  complain: (path: string, what: string, remedy: string) => void,
): PostgresSettings | undefined {
  const written = value('DOWNLINK_POSTGRES');
  const tls = tlsFrom('DOWNLINK_POSTGRES', value, complain);
  const [username, password] = [value('DOWNLINK_POSTGRES_USERNAME'), value('DOWNLINK_POSTGRES_PASSWORD')];
  if (password !== undefined && username === undefined)
    complain('DOWNLINK_POSTGRES_PASSWORD', 'stands alone', 'set DOWNLINK_POSTGRES_USERNAME too');
  if (written !== undefined && address(written) === undefined) {
    const { hostname, port, pathname } = new URL(written);
    return Object.freeze({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? usualPort : Number(port),
      database: pathname.slice(1),
      username,
      password: password === undefined ? undefined : new Secret(password),
      tls,
    });
  }
  for (const name of ['DOWNLINK_POSTGRES_USERNAME', 'DOWNLINK_POSTGRES_TLS', 'DOWNLINK_POSTGRES_CA'] as const) {
    if (written === undefined && value(name) !== undefined) complain(name, 'stands alone', 'set DOWNLINK_POSTGRES too');
  }
  return undefined;
}
