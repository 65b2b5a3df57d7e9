import { Secret } from './secret.ts';
import { tlsFrom, type TlsFiles } from './tls-environment.ts';
import { addresses, oneOf, type Variable } from './variable.ts';

/** What the environment says of the inference servers. */
export interface TritonSettings {
  readonly addresses: readonly string[];
  readonly tls: TlsFiles | undefined;
  /** Sent with every call. */
  readonly headers: ReadonlyMap<string, Secret>;
}

const header = /^\s*([a-z0-9_.-]+)=([\x20-\x7e]*?)\s*$/;
/** HTTP/2 and gRPC refuse these, or say them themselves. */
const reserved =
  /^(?:grpc-.*|.*-bin|connection|keep-alive|proxy-connection|transfer-encoding|upgrade|http2-settings|host|te|content-type|content-length)$/;
const ofNoUse = (one: string): boolean => reserved.test(header.exec(one)?.[1] ?? '');

export const tritonVariables = {
  DOWNLINK_TRITON: { about: 'Triton gRPC endpoints, host:port with commas between.', wrong: addresses },
  DOWNLINK_TRITON_TLS: { about: 'true: connect with TLS. Implied by DOWNLINK_TRITON_CA.', ...oneOf('true', 'false') },
  DOWNLINK_TRITON_CA: {
    about: "A PEM file with the authority of the servers' certificates, where it is no public one.",
  },
  DOWNLINK_TRITON_CERT: { about: 'A PEM file with the certificate that downlink shows.' },
  DOWNLINK_TRITON_KEY: { about: "A PEM file with that certificate's key." },
  DOWNLINK_TRITON_HEADERS: {
    about: 'Headers for whoever asks who calls: name=value, several with commas between.',
    is: 'cannot be read',
    wrong: (value) => {
      const all = value.split(',');
      if (!all.every((one) => header.test(one))) return 'write name=value, names in lower case';
      return all.some(ofNoUse) ? 'leave out the names that HTTP/2 and gRPC keep to themselves' : undefined;
    },
  },
} as const satisfies Record<string, Variable>;

type Value = (name: keyof typeof tritonVariables) => string | undefined;

export function tritonFrom(
  value: Value,
  complain: (path: string, what: string, remedy: string) => void,
): TritonSettings | undefined {
  const servers = value('DOWNLINK_TRITON');
  const tls = tlsFrom('DOWNLINK_TRITON', value, complain);
  const headers = new Map<string, Secret>();
  for (const one of value('DOWNLINK_TRITON_HEADERS')?.split(',') ?? []) {
    const [, name, text] = header.exec(one) ?? [];
    if (name !== undefined && text !== undefined) headers.set(name, new Secret(text));
  }
  if (servers !== undefined)
    return Object.freeze({ addresses: Object.freeze(servers.split(',').map((one) => one.trim())), tls, headers });
  for (const name of ['DOWNLINK_TRITON_TLS', 'DOWNLINK_TRITON_CA', 'DOWNLINK_TRITON_HEADERS'] as const) {
    if (value(name) !== undefined) complain(name, 'stands alone', 'set DOWNLINK_TRITON too');
  }
  return undefined;
}
