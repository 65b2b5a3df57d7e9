/** Certificates and keys are paths here: whoever connects reads the files. */
export interface TlsFiles {
  readonly ca: string | undefined;
  readonly client: { readonly cert: string; readonly key: string } | undefined;
}

/** TLS to a program, as `<prefix>_TLS`, `_CA`, `_CERT` and `_KEY` say; complains of what does not go together. */
export function tlsFrom<P extends string>(
  prefix: P,
  value: (name: `${P}_${'TLS' | 'CA' | 'CERT' | 'KEY'}`) => string | undefined,
  complain: (path: string, what: string, remedy: string) => void,
): TlsFiles | undefined {
  const [ca, cert, key] = [value(`${prefix}_CA`), value(`${prefix}_CERT`), value(`${prefix}_KEY`)];
  if ((cert === undefined) !== (key === undefined)) {
    const [present, absent] = cert === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
    complain(`${prefix}_${present}`, 'stands alone', `set ${prefix}_${absent} too`);
  }
  const wanted = value(`${prefix}_TLS`);
  if (wanted === 'true' || (wanted === undefined && ca !== undefined)) {
    const client = cert !== undefined && key !== undefined ? Object.freeze({ cert, key }) : undefined;
    return Object.freeze({ ca, client });
  }
  for (const [name, path] of Object.entries({ CA: ca, CERT: cert, KEY: key })) {
    if (path !== undefined)
      complain(`${prefix}_${name}`, 'is set without TLS', `set ${prefix}_TLS=true, or leave it out`);
  }
  return undefined;
}
