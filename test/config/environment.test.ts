import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { readEnvironment, Secret } from '../../src/config/environment.ts';
import { printProblem } from '../../src/config/problem.ts';

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
  expect(environment?.kafka).toEqual(['a:9092', '[::1]:9093']);
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
