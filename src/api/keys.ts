import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const scopes = ['submit', 'read', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who may do what. What a key is worth is its digest: from that nobody makes the key. */
export interface ApiKey {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

interface StoredKey extends ApiKey {
  readonly digest: Buffer;
  /** From then on it is as if it had never been. */
  readonly expires: number;
}

export interface Keys {
  find(key: string): ApiKey | undefined;
}

export type KeysResult = { readonly keys: Keys; readonly count: number } | { readonly problems: readonly string[] };

const form =
  /^(?<name>[\w.-]{1,64})\s+sha256:(?<digest>[0-9a-f]{64})\s+(?<scopes>[a-z,]+)(?:\s+until\s+(?<until>\S+))?$/;

/**
 * A key a line: `console sha256:… submit,read until 2027-01-31`. Two lines of one name are two keys of one owner, so that an
 * old one goes on until everybody has the new one. Lines can be parted by semicolons, too; `#` begins a comment.
 */
export function readKeys(text: string, now: () => number = Date.now): KeysResult {
  const stored: StoredKey[] = [];
  const problems: string[] = [];
  for (const [at, line] of text.split(/[\n;]/).entries()) {
    const written = line.replace(/#.*/, '').trim();
    if (written === '') continue;
    const found = keyIn(written);
    if (typeof found === 'string') problems.push(`line ${at + 1}: ${found}`);
    else stored.push(found);
  }
  if (problems.length > 0) return { problems };
  const find = (key: string): ApiKey | undefined => {
    const digest = digestOf(key);
    // All of them, whichever it is: how long that takes says nothing.
    const [found] = stored.filter((one) => timingSafeEqual(one.digest, digest) && one.expires > now());
    return found;
  };
  return { keys: { find }, count: stored.length };
}

function keyIn(written: string): StoredKey | string {
  const { name = '', digest = '', scopes: given = '', until } = form.exec(written)?.groups ?? {};
  if (name === '') return 'no key; write `<name> sha256:<64 hexadecimal digits> <scopes> [until <time>]`';
  const named = given.split(',');
  const unknown = named.filter((one) => !scopes.includes(one as Scope));
  if (unknown.length > 0) return `there is no scope ${unknown.join(', ')}; there are ${scopes.join(', ')}`;
  const expires = until === undefined ? Infinity : Date.parse(until);
  if (Number.isNaN(expires)) return `${until ?? ''} is no time; write one like 2027-01-31 or 2027-01-31T12:00:00Z`;
  return { name, digest: Buffer.from(digest, 'hex'), scopes: new Set(named as Scope[]), expires };
}

/** Its 256 bits are random, so that a plain digest of them is enough. */
export function makeKey(
  name: string,
  of: readonly Scope[],
  until?: string,
): { readonly key: string; readonly line: string } {
  const key = `dl_${randomBytes(32).toString('base64url')}`;
  const end = until === undefined ? '' : ` until ${until}`;
  return { key, line: `${name} sha256:${digestOf(key).toString('hex')} ${of.join(',')}${end}` };
}

const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();

export const may = ({ scopes: own }: ApiKey, scope: Scope): boolean => own.has(scope) || own.has('admin');
