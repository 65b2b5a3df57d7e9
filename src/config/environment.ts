import { didYouMean } from './closest.ts';
import type { Problem } from './problem.ts';

/** A password or token. It prints as stars wherever it ends up; only `reveal` gives it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}

/** Where the programs around downlink are, and what opens them. All else stands in the topology file. */
export interface Environment {
  readonly kafka: readonly string[] | undefined;
  readonly registry: RegistryAddress | undefined;
  readonly triton: string | undefined;
  readonly victoria: string | undefined;
}

export interface RegistryAddress {
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: Secret } | undefined;
}

interface Variable {
  readonly about: string;
  readonly wrong?: (value: string) => string | undefined;
}

const hostAndPort = /^(\[[0-9a-f:]+\]|[^\s:/,]+):\d{1,5}$/i;

const addresses = (value: string) =>
  value.split(',').every((address) => hostAndPort.test(address.trim()))
    ? undefined
    : 'write host:port, several with commas between';

function url(value: string): string | undefined {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) return 'write an address like http://127.0.0.1:8081';
  return parsed.username === '' && parsed.password === '' ? undefined : 'keep name and password out of the address';
}

export const variables = {
  DOWNLINK_KAFKA: { about: 'Kafka brokers, host:port with commas between.', wrong: addresses },
  DOWNLINK_REGISTRY: { about: 'The schema registry, an http address.', wrong: url },
  DOWNLINK_REGISTRY_USERNAME: { about: 'Name for the schema registry.' },
  DOWNLINK_REGISTRY_PASSWORD: { about: 'Password for the schema registry.' },
  DOWNLINK_TRITON: { about: 'Triton gRPC endpoints, host:port with commas between.', wrong: addresses },
  DOWNLINK_VICTORIA: { about: 'VictoriaMetrics, an http address.', wrong: url },
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
  for (const [name, { wrong }] of Object.entries<Variable>(variables)) {
    const given = value(name as Name);
    const remedy = given === undefined ? undefined : wrong?.(given);
    if (remedy !== undefined) complain(name, 'is no address', remedy);
  }
  const [username, password] = [value('DOWNLINK_REGISTRY_USERNAME'), value('DOWNLINK_REGISTRY_PASSWORD')];
  if ((username === undefined) !== (password === undefined)) {
    const [present, absent] = username === undefined ? ['PASSWORD', 'USERNAME'] : ['USERNAME', 'PASSWORD'];
    complain(`DOWNLINK_REGISTRY_${present}`, 'stands alone', `set DOWNLINK_REGISTRY_${absent} too`);
  }
  if (problems.length > 0) return { problems };
  const registryUrl = value('DOWNLINK_REGISTRY');
  const credentials =
    username !== undefined && password !== undefined ? { username, password: new Secret(password) } : undefined;
  return {
    environment: Object.freeze({
      kafka: value('DOWNLINK_KAFKA')
        ?.split(',')
        .map((address) => address.trim()),
      registry: registryUrl === undefined ? undefined : Object.freeze({ url: registryUrl, credentials }),
      triton: value('DOWNLINK_TRITON'),
      victoria: value('DOWNLINK_VICTORIA'),
    }),
  };
}
