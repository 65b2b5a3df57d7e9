import { Secret } from './secret.ts';
import type { Variable } from './variable.ts';

/** What the environment says of the API. Certificate and key are paths here: whoever listens reads the files. */
export interface ApiSettings {
  /** Lines of keys, or a file of them. Their digests are no secrets, but nobody has to see them either. */
  readonly keys: { readonly text: Secret } | { readonly file: string } | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Of whoever asks an API, not of whoever is one. */
  readonly key?: Secret;
}

export const apiVariables = {
  DOWNLINK_API_KEYS: { about: 'Keys of the API, with semicolons or new lines between; `downlink api key` makes them.' },
  DOWNLINK_API_KEYS_FILE: { about: 'A file of such lines; it is read again when it changes.' },
  DOWNLINK_API_KEY: { about: 'The key that `downlink jobs` and `downlink simulate` send to an API.' },
  DOWNLINK_API_TLS_CERT: { about: 'A PEM file with the certificate that the API shows.' },
  DOWNLINK_API_TLS_KEY: { about: "A PEM file with that certificate's key." },
} as const satisfies Record<string, Variable>;

type Name = keyof typeof apiVariables;

export function apiFrom(
  value: (name: Name) => string | undefined,
  complain: (path: string, what: string, remedy: string) => void,
): ApiSettings {
  const [text, file] = [value('DOWNLINK_API_KEYS'), value('DOWNLINK_API_KEYS_FILE')];
  if (text !== undefined && file !== undefined)
    complain('DOWNLINK_API_KEYS_FILE', 'there are two places of keys', 'leave one of both out');
  const [cert, key] = [value('DOWNLINK_API_TLS_CERT'), value('DOWNLINK_API_TLS_KEY')];
  if ((cert === undefined) !== (key === undefined)) {
    const [present, absent] = cert === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
    complain(`DOWNLINK_API_TLS_${present}`, 'stands alone', `set DOWNLINK_API_TLS_${absent} too`);
  }
  const keys = text === undefined ? (file === undefined ? undefined : { file }) : { text: new Secret(text) };
  const own = value('DOWNLINK_API_KEY');
  if (own !== undefined && !/^[\x21-\x7e]+$/.test(own))
    complain('DOWNLINK_API_KEY', 'is no key', 'write one as `downlink api key` shows it, in one word');
  return Object.freeze({
    keys,
    tls: cert === undefined || key === undefined ? undefined : Object.freeze({ cert, key }),
    ...(own === undefined ? {} : { key: new Secret(own) }),
  });
}
