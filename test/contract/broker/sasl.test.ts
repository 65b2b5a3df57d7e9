import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readEnvironment } from '../../../src/config/environment.ts';
import { metadata } from '../../../src/kafka/api/03-metadata.ts';
import { openCluster } from '../../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../../src/kafka/connection.ts';
import { openTopics } from '../../../src/kafka/topics.ts';
import { kafkaAddressOf } from '../../../src/pipeline/kafka-address.ts';
import { describeWith } from '../../support/describe-with.ts';
import { startKafka, type KafkaCluster } from '../../support/kafka.ts';
import type { Listener } from '../../support/kafka-settings.ts';

const run = promisify(execFile);
const security = 'org.apache.kafka.common.security';

const logins = {
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
  'plain.sasl.jaas.config': `${security}.plain.PlainLoginModule required user_me="hunter2";`,
  'scram-sha-256.sasl.jaas.config': `${security}.scram.ScramLoginModule required;`,
  'scram-sha-512.sasl.jaas.config': `${security}.scram.ScramLoginModule required;`,
  // Takes tokens without a signature, which no real cluster should.
  'oauthbearer.sasl.jaas.config': `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="kafka";`,
};

/** A certificate of its own authority for loopback, made by Java's tool, as openssl may not be there. */
async function certificate(folder: string): Promise<{ ca: string; settings: Record<string, string> }> {
  const keystore = join(folder, 'broker.p12');
  const store = ['-keystore', keystore, '-storepass', 'secret', '-storetype', 'PKCS12', '-alias', 'broker'];
  const names = ['-dname', 'CN=localhost', '-ext', 'SAN=ip:127.0.0.1,dns:localhost'];
  await run('keytool', ['-genkeypair', '-keyalg', 'RSA', '-validity', '2', ...names, ...store]);
  const ca = join(folder, 'ca.pem');
  await run('keytool', ['-exportcert', '-rfc', '-file', ca, ...store]);
  const settings = {
    'ssl.keystore.location': keystore,
    'ssl.keystore.password': 'secret',
    'ssl.keystore.type': 'PKCS12',
  };
  return { ca, settings };
}

/** An unsigned JSON web token. */
function unsigned(subject: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + 600 })}.`;
}

describeWith('cluster', 'Kafka that wants a login or encrypts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-sasl-'));
  const ca = join(folder, 'ca.pem');
  let kafka: KafkaCluster;

  beforeAll(async () => {
    const { settings } = await certificate(folder);
    const listeners: Listener[] = [
      { name: 'LOGIN', protocol: 'SASL_PLAINTEXT', settings: logins },
      { name: 'TLS', protocol: 'SSL', settings },
      { name: 'BOTH', protocol: 'SASL_SSL', settings: { ...logins, ...settings } },
    ];
    const scram = ['256', '512'].map((bits) => `SCRAM-SHA-${bits}=[name=me,password=hunter2]`);
    kafka = await startKafka({ listeners, scram });
  }, 120_000);
  afterAll(async () => {
    await kafka.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const addressFor = (listener: string, more: Record<string, string>) => {
    const named = Object.entries(more).map(([name, value]) => [`DOWNLINK_KAFKA_${name}`, value]);
    const { environment, problems } = readEnvironment({
      DOWNLINK_KAFKA: kafka.through(listener),
      ...(Object.fromEntries(named) as Record<string, string>),
    });
    if (environment?.kafka === undefined) throw new Error(JSON.stringify(problems));
    return kafkaAddressOf(environment.kafka);
  };

  /** Through both kinds of connections that downlink makes: kafkajs' admin client, and those that carry the data. */
  const comesIn = async (listener: string, more: Record<string, string>): Promise<void> => {
    const config = { ...kafkaConfig(addressFor(listener, more)), retry: { retries: 0 } };
    const topics = await openTopics(config);
    expect(await topics.plan([])).toEqual([]);
    await topics.close();
    const cluster = openCluster(config);
    try {
      expect((await cluster.send('anybody', metadata, [])).brokers).toHaveLength(1);
    } finally {
      await cluster.close();
    }
  };
  const isRefused = async (listener: string, more: Record<string, string>, code = 'kafka-refused'): Promise<void> => {
    const config = { ...kafkaConfig(addressFor(listener, more)), retry: { retries: 0 } };
    await expect(openTopics(config)).rejects.toMatchObject({ code });
    const cluster = openCluster(config);
    await expect(cluster.send('anybody', metadata, [])).rejects.toMatchObject({ code });
    await cluster.close();
  };

  const me = { USERNAME: 'me', PASSWORD: 'hunter2' };

  describe.each(['plain', 'scram-sha-256', 'scram-sha-512'])('%s', (mechanism) => {
    test('lets in who knows the password', () => comesIn('LOGIN', { SASL: mechanism, ...me }));
    test('refuses who does not', () => isRefused('LOGIN', { SASL: mechanism, ...me, PASSWORD: 'hunter3' }));
  });

  const oauth = (command: string) => ({ SASL: 'oauthbearer', TOKEN_COMMAND: command });

  test.each([(token: string) => `${token}\n`, (token: string) => JSON.stringify({ access_token: token })])(
    'oauthbearer lets in who has a token from a command',
    async (written) => {
      const file = join(folder, 'token');
      writeFileSync(file, written(unsigned('me')));
      await comesIn('LOGIN', oauth(`cat ${file}`));
    },
  );

  test('oauthbearer without a good token is refused, and without any it is tried again', async () => {
    await isRefused('LOGIN', oauth('echo not.a.token'));
    await isRefused('LOGIN', oauth('exit 3'), 'kafka-unavailable');
  });

  test('TLS lets in who trusts the certificate', () => comesIn('TLS', { CA: ca }));
  test('TLS is not spoken with a stranger', () => isRefused('TLS', { TLS: 'true' }));
  test('a login goes through TLS', () => comesIn('BOTH', { CA: ca, SASL: 'scram-sha-512', ...me }));
});
