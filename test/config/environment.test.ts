import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { readEnvironment, variables } from '../../src/config/environment.ts';
import { printProblem } from '../../src/config/problem.ts';
import { Secret } from '../../src/config/secret.ts';

const printed = (env: Record<string, string>) => (readEnvironment(env).problems ?? []).map(printProblem);

test('addresses and secrets are read, and what belongs to others is left alone', () => {
  const { environment } = readEnvironment({
    HOME: '/home/me',
    DOWNLINK_REQUIRE: 'kafka',
    DOWNLINK_TEST_KAFKA: 'localhost:9092',
    DOWNLINK_KAFKA: 'a:9092, [::1]:9093',
    DOWNLINK_REGISTRY: 'https://registry.example/apis',
    DOWNLINK_REGISTRY_USERNAME: 'me',
    DOWNLINK_REGISTRY_PASSWORD: 'hunter2',
    DOWNLINK_TRITON: '',
  });
  expect(environment?.kafka).toEqual({ brokers: ['a:9092', '[::1]:9093'], tls: undefined, sasl: undefined });
  expect(environment?.registry?.url).toBe('https://registry.example/apis');
  expect(environment?.registry?.credentials?.password.reveal()).toBe('hunter2');
  expect(environment?.triton).toBeUndefined();
});

test('every mistake is named at once', () => {
  expect(
    printed({
      DOWNLINK_KAKFA: 'a:1',
      DOWNLINK_KAFKA: 'a',
      DOWNLINK_VICTORIA: 'ftp://x',
      DOWNLINK_REGISTRY_PASSWORD: 'hunter2',
    }),
  ).toEqual([
    'environment: DOWNLINK_KAKFA: unknown variable; did you mean `DOWNLINK_KAFKA`?',
    'environment: DOWNLINK_KAFKA: is no address; write host:port, several with commas between',
    'environment: DOWNLINK_VICTORIA: is no address; write an address like http://127.0.0.1:8081',
    'environment: DOWNLINK_REGISTRY_PASSWORD: stands alone; set DOWNLINK_REGISTRY_USERNAME too',
  ]);
});

test('a secret is never printed', () => {
  const secret = new Secret('hunter2');
  const shown = [String(secret), JSON.stringify({ secret }), inspect({ secret }, { depth: 9 }), secret.toString()];
  expect(shown.join()).not.toContain('hunter2');
  expect(printed({ DOWNLINK_REGISTRY: 'http://me:hunter2@host' }).join()).not.toContain('hunter2');
});

const kafka = (more: Record<string, string>) => ({
  DOWNLINK_KAFKA: 'a:9092',
  ...Object.fromEntries(Object.entries(more).map(([name, value]) => [`DOWNLINK_KAFKA_${name}`, value])),
});

test.each<[Record<string, string>, object]>([
  [{ TLS: 'true' }, { tls: { ca: undefined, client: undefined }, sasl: undefined }],
  [{ TLS: 'false' }, { tls: undefined }],
  [{ CA: '/ca.pem' }, { tls: { ca: '/ca.pem' } }],
  [{ CA: '/ca.pem', CERT: '/c.pem', KEY: '/k.pem' }, { tls: { client: { cert: '/c.pem', key: '/k.pem' } } }],
  [
    { TLS: 'true', SASL: 'oauthbearer', TOKEN_COMMAND: 'print-token' },
    { sasl: { mechanism: 'oauthbearer', tokenCommand: 'print-token' } },
  ],
])('Kafka is opened as the environment says: %j', (more, settings) => {
  expect(readEnvironment(kafka(more)).environment?.kafka).toMatchObject(settings);
});

test.each(['plain', 'scram-sha-256', 'scram-sha-512'])('%s goes with a name and a secret', (mechanism) => {
  const { environment } = readEnvironment(kafka({ SASL: mechanism, USERNAME: 'me', PASSWORD: 'hunter2' }));
  const sasl = environment?.kafka?.sasl;
  expect(sasl).toMatchObject({ mechanism, username: 'me' });
  expect(sasl && 'password' in sasl && sasl.password.reveal()).toBe('hunter2');
  expect(inspect(environment, { depth: 9 })).not.toContain('hunter2');
});

test.each<[Record<string, string>, string[]]>([
  [{ TLS: 'yes' }, ['TLS: has no such value; write true or false']],
  [
    { SASL: 'gssapi', USERNAME: 'me' },
    ['SASL: has no such value; write plain or scram-sha-256 or scram-sha-512 or oauthbearer'],
  ],
  [
    { CERT: '/c.pem' },
    [
      'CERT: stands alone; set DOWNLINK_KAFKA_KEY too',
      'CERT: is set without TLS; set DOWNLINK_KAFKA_TLS=true, or leave it out',
    ],
  ],
  [{ TLS: 'false', CA: '/ca.pem' }, ['CA: is set without TLS; set DOWNLINK_KAFKA_TLS=true, or leave it out']],
  [
    { SASL: 'plain', TOKEN_COMMAND: 'x' },
    [
      'USERNAME: missing; DOWNLINK_KAFKA_SASL=plain needs it',
      'PASSWORD: missing; DOWNLINK_KAFKA_SASL=plain needs it',
      'TOKEN_COMMAND: has no use here; set DOWNLINK_KAFKA_SASL (oauthbearer), or leave it out',
    ],
  ],
  [
    { SASL: 'oauthbearer', PASSWORD: 'hunter2' },
    [
      'PASSWORD: has no use here; set DOWNLINK_KAFKA_SASL (plain, scram-sha-256, scram-sha-512), or leave it out',
      'TOKEN_COMMAND: missing; DOWNLINK_KAFKA_SASL=oauthbearer needs it',
    ],
  ],
  [
    { USERNAME: 'me', PASSWORD: 'hunter2' },
    ['USERNAME', 'PASSWORD'].map(
      (name) =>
        `${name}: has no use here; set DOWNLINK_KAFKA_SASL (plain, scram-sha-256, scram-sha-512), or leave it out`,
    ),
  ],
])('what does not go together for Kafka is named at once: %j', (more, problems) => {
  const found = printed(kafka(more));
  expect(found).toEqual(problems.map((problem) => `environment: DOWNLINK_KAFKA_${problem}`));
  expect(found.join()).not.toContain('hunter2');
});

test('how to open Kafka is of no use without where it is', () => {
  expect(printed({ DOWNLINK_KAFKA_TLS: 'true', DOWNLINK_KAFKA_SASL: 'gssapi' })).toEqual([
    expect.stringContaining('has no such value'),
    'environment: DOWNLINK_KAFKA_TLS: stands alone; set DOWNLINK_KAFKA too',
    'environment: DOWNLINK_KAFKA_SASL: stands alone; set DOWNLINK_KAFKA too',
  ]);
});

test.each(Object.entries(variables))('%s says what it is for', (_, { about }) => {
  expect(about).toMatch(/^[A-Za-z].*\.$/);
});

test('inference servers have addresses, TLS and headers, and the headers are secrets', () => {
  const { environment } = readEnvironment({
    DOWNLINK_TRITON: 'a:8001, b:8001',
    DOWNLINK_TRITON_CA: '/ca.pem',
    DOWNLINK_TRITON_HEADERS: 'authorization=Bearer abc, x-team=ops',
  });
  expect(environment?.triton).toMatchObject({ addresses: ['a:8001', 'b:8001'], tls: { ca: '/ca.pem' } });
  expect(environment?.triton?.headers.get('authorization')?.reveal()).toBe('Bearer abc');
  expect(JSON.stringify([...(environment?.triton?.headers ?? [])])).not.toContain('abc');
  expect(printed({ DOWNLINK_TRITON_CA: '/ca.pem', DOWNLINK_TRITON_HEADERS: 'x' })).toEqual([
    'environment: DOWNLINK_TRITON_HEADERS: cannot be read; write name=value, names in lower case',
    'environment: DOWNLINK_TRITON_CA: stands alone; set DOWNLINK_TRITON too',
    'environment: DOWNLINK_TRITON_HEADERS: stands alone; set DOWNLINK_TRITON too',
  ]);
});

test.each(['te=hunter2', 'x-a=1,grpc-timeout=hunter2', 'token-bin=hunter2', 'connection=hunter2'])(
  'a header that HTTP/2 or gRPC would refuse is named here already: %s',
  (headers) => {
    expect(printed({ DOWNLINK_TRITON: 'a:1', DOWNLINK_TRITON_HEADERS: headers })).toEqual([
      'environment: DOWNLINK_TRITON_HEADERS: cannot be read; leave out the names that HTTP/2 and gRPC keep to themselves',
    ]);
  },
);
