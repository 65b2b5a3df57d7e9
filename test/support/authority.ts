import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export interface Certified {
  /** PEM, as is the key. */
  readonly certificate: string;
  readonly key: string;
}

/** An authority of its own, made here because openssl may not be there. */
export interface Authority {
  readonly certificate: string;
  /** For a server on loopback, or a client. */
  issue(name: string): Certified;
}

export function openAuthority(name: string): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issued = (subject: string, key: KeyObject, extensions: readonly Buffer[]): string => {
    const body = sequence(
      der(0xa0, integer(Buffer.of(2))),
      integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
      ecdsaWithSha256,
      named(name),
      sequence(time(Date.now() - dayMs), time(Date.now() + dayMs)),
      named(subject),
      key.export({ type: 'spki', format: 'der' }),
      der(0xa3, sequence(...extensions)),
    );
    const signature = sign('sha256', body, own.privateKey);
    const bytes = sequence(body, ecdsaWithSha256, der(0x03, Buffer.of(0), signature));
    return `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  };
  return {
    certificate: issued(name, own.publicKey, [isAuthority]),
    issue: (subject) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return { certificate: issued(subject, publicKey, [isLoopback]), key };
    },
  };
}

const dayMs = 86_400_000;

/** A tag, a length, and what is in it: all of X.509 is made of these. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const integer = (bytes: Buffer): Buffer => der(0x02, bytes);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const named = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))));
const time = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
const extension = (id: string, content: Buffer): Buffer => sequence(oid(id), der(0x04, content));
const isAuthority = extension('551d13', sequence(der(0x01, Buffer.of(0xff))));
const isLoopback = extension(
  '551d11',
  sequence(der(0x87, Buffer.of(127, 0, 0, 1)), der(0x82, Buffer.from('localhost'))),
);
