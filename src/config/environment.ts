import { apiFrom, apiVariables, type ApiSettings } from './api-environment.ts';
import { didYouMean } from './closest.ts';
import { kafkaFrom, kafkaVariables, type KafkaSettings } from './kafka-environment.ts';
import { postgresFrom, postgresVariables, type PostgresSettings } from './postgres-environment.ts';
import type { Problem } from './problem.ts';
import { Secret } from './secret.ts';
import { tritonFrom, tritonVariables, type TritonSettings } from './triton-environment.ts';
import type { Variable } from './variable.ts';

/** Where the programs around downlink are, and what opens them. All else stands in the topology file. */
export interface Environment {
  readonly kafka: KafkaSettings | undefined;
  readonly registry: RegistryAddress | undefined;
  readonly triton: TritonSettings | undefined;
  readonly victoria: string | undefined;
  readonly api: ApiSettings;
  readonly postgres: PostgresSettings | undefined;
}

export interface RegistryAddress {
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: Secret } | undefined;
}

function url(value: string): string | undefined {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) return 'write an address like http://127.0.0.1:8081';
  return parsed.username === '' && parsed.password === '' ? undefined : 'keep name and password out of the address';
}

export const variables = {
  ...kafkaVariables,
  DOWNLINK_REGISTRY: { about: 'The schema registry, an http address.', wrong: url },
  DOWNLINK_REGISTRY_USERNAME: { about: 'Name for the schema registry.' },
  DOWNLINK_REGISTRY_PASSWORD: { about: 'Password for the schema registry.' },
  ...tritonVariables,
  DOWNLINK_VICTORIA: { about: 'VictoriaMetrics, an http address.', wrong: url },
  ...apiVariables,
  ...postgresVariables,
} as const satisfies Record<string, Variable>;

type Name = keyof typeof variables;

export type EnvironmentResult =
  | { readonly environment: Environment; readonly problems?: never }
  | { readonly environment?: never; readonly problems: readonly Problem[] };

// The tests' own switches are none of downlink's business.
const foreign = /^DOWNLINK_(TEST_|REQUIRE$)/;

/** Reads the environment: all of it, or every mistake in it. The values of secrets are never part of a problem. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentResult {
  const problems: Problem[] = [];
  const complain = (path: string, what: string, remedy: string) => {
    problems.push({ file: 'environment', line: 0, column: 0, path, what, remedy });
  };
  const names = Object.keys(variables);
  for (const name of Object.keys(env)) {
    if (!name.startsWith('DOWNLINK_') || foreign.test(name) || names.includes(name)) continue;
    complain(name, 'unknown variable', didYouMean(name, names));
  }
  const value = (name: Name): string | undefined => (env[name] === '' ? undefined : env[name]);
  for (const [name, { wrong, is = 'is no address' }] of Object.entries<Variable>(variables)) {
    const given = value(name as Name);
    const remedy = given === undefined ? undefined : wrong?.(given);
    if (remedy !== undefined) complain(name, is, remedy);
  }
  const [username, password] = [value('DOWNLINK_REGISTRY_USERNAME'), value('DOWNLINK_REGISTRY_PASSWORD')];
  if ((username === undefined) !== (password === undefined)) {
    const [present, absent] = username === undefined ? ['PASSWORD', 'USERNAME'] : ['USERNAME', 'PASSWORD'];
    complain(`DOWNLINK_REGISTRY_${present}`, 'stands alone', `set DOWNLINK_REGISTRY_${absent} too`);
  }
  const kafka = kafkaFrom(value, complain);
  const triton = tritonFrom(value, complain);
  const api = apiFrom(value, complain);
  const postgres = postgresFrom(value, complain);
  if (problems.length > 0) return { problems };
  const registryUrl = value('DOWNLINK_REGISTRY');
  const credentials =
    username !== undefined && password !== undefined ? { username, password: new Secret(password) } : undefined;
  return {
    environment: Object.freeze({
      kafka,
      registry: registryUrl === undefined ? undefined : Object.freeze({ url: registryUrl, credentials }),
      triton,
      victoria: value('DOWNLINK_VICTORIA'),
      api,
      postgres,
    }),
  };
}
