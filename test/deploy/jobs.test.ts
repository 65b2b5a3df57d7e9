import { expect, test } from '@jest/globals';
import { readEnvironment } from '../../src/config/environment.ts';
import { aclsOf } from '../../src/pipeline/acls.ts';
import { declarations } from '../../src/pipeline/declarations.ts';
import { declaredTopics } from '../../src/pipeline/declared-topics.ts';
import { defaultLimits } from '../../src/api/parts.ts';
import { parsed } from '../cli/command-line.ts';
import { manifestsOf, ofKind, textOf, yamlOf, type Manifest } from './documents.ts';
import { kustomized, withKubectl } from './kustomized.ts';
import { smap } from './smap.ts';
import { timeseries } from './timeseries.ts';

// What takes and answers jobs, in both deployments.

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}
interface Spec {
  readonly template: {
    readonly spec: {
      readonly containers: readonly { readonly args: readonly string[]; readonly env: readonly Env[] }[];
      readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
    };
  };
}
interface Env {
  readonly name: string;
  readonly value?: string;
}
interface User extends Manifest {
  readonly spec: { readonly authorization: { readonly acls: readonly Acl[] } };
}
interface Acl {
  readonly resource: { readonly type: string; readonly name: string; readonly patternType: string };
  readonly operations: readonly string[];
}

const { services, secrets } = yamlOf('docker-compose.yml') as Compose;
const folder = 'deploy/kubernetes/jobs';
const stages = timeseries.stages.map(({ declaration }) => declaration.name);
const models = timeseries.stages.flatMap(({ declaration, settings }) => declaration.asks?.(settings) ?? []);
const loadedBy = (args: readonly string[]) => args.flatMap((one) => /^--load-model=(.*)$/.exec(one)?.[1] ?? []);

const aclsIn = (path: string): readonly Acl[] => {
  const [user] = ofKind('KafkaUser', manifestsOf(path)) as readonly User[];
  return user?.spec.authorization.acls ?? [];
};

test('jobs are answered by models that are loaded for them', () => {
  expect(stages).toEqual(['predict']);
  expect(loadedBy(services['triton-jobs']?.command ?? [])).toEqual(models);
});

test('Compose runs all that the topology has, and stores with all that can store it', () => {
  expect(services['jobs']?.command).not.toContain('--stage');
  const stored = (services['store']?.command ?? []).flatMap((one) => /^--stage=(.*)$/.exec(one)?.[1] ?? []);
  expect(declarations.map(({ name }) => name)).toEqual(expect.arrayContaining(stored));
  expect(textOf('topologies/timeseries.yaml').match(/(?<=^ {2}#)store-\w+/gm)).toEqual(stored);
});

test('the API in Compose has keys, from a file that is not in the repository', () => {
  const { environment = {}, secrets: own = [] } = services['api'] ?? {};
  expect(own).toEqual(['api-keys']);
  expect(environment['DOWNLINK_API_KEYS_FILE']).toBe('/run/secrets/api-keys');
  expect(secrets['api-keys']?.file).toMatch(/^\$\{DOWNLINK_API_KEYS_FILE:-\.\/[\w.-]+\}$/);
});

test('the topics in the cluster are those of the topology', () => {
  const found = manifestsOf(`${folder}/topics.yaml`) as readonly (Manifest & {
    readonly spec: { readonly partitions: number; readonly config: object };
  })[];
  const inText = (config: object) =>
    Object.fromEntries(Object.entries(config).map(([key, value]) => [key, `${value}`]));
  expect(found.map(({ metadata, spec }) => [metadata.name, spec.partitions, inText(spec.config)])).toEqual(
    declaredTopics(timeseries).map(({ name, partitions, config }) => [name, partitions, inText(config)]),
  );
});

test('the stage may do what it must', () => {
  const rights = aclsOf(timeseries).map(({ resource, prefixed, name, operations }) => ({
    resource: {
      type: resource === 'transactional-id' ? 'transactionalId' : resource,
      name,
      patternType: prefixed ? 'prefix' : 'literal',
    },
    operations,
  }));
  expect(aclsIn(`${folder}/predict/user.yaml`)).toEqual(rights);
});

test('the API may read what it shows, and write jobs', () => {
  const shown = [timeseries, smap].flatMap(({ topics }) =>
    topics.filter(({ schemas }) =>
      ['job', 'job-result', 'scores', 'anomaly'].some((one) => schemas.includes(one as 'job')),
    ),
  );
  const expected = shown.map(({ kafkaName, schemas }) => [
    kafkaName,
    schemas.includes('job') ? ['Read', 'Write'] : ['Read'],
  ]);
  const found = aclsIn(`${folder}/api/user.yaml`).map(({ resource, operations }) => [resource.name, operations]);
  expect(found).toEqual(expected);
});

withKubectl('the overlay jobs', () => {
  const { all, complaints } = kustomized('deploy/kubernetes/overlays/jobs');
  const named = (kind: string, name: string) =>
    ofKind(kind, all).find(({ metadata }) => metadata.name === name)?.spec as Spec | undefined;

  test('is made without a word of complaint, and says of predict and the API what downlink takes', async () => {
    expect(complaints).toBe('');
    for (const component of ['predict', 'api']) {
      const pod = named('Deployment', `downlink-${component}`)?.template.spec;
      const [container] = pod?.containers ?? [];
      await parsed(`downlink ${container?.args.join(' ').replace('$(STAGE)', component)}`);
      const env = Object.fromEntries((container?.env ?? []).map(({ name, value = 'x' }) => [name, value]));
      const addresses = { DOWNLINK_KAFKA: 'a:1', DOWNLINK_REGISTRY: 'http://a', DOWNLINK_TRITON: 'a:1' };
      expect(readEnvironment({ ...env, ...addresses }).problems).toBeUndefined();
    }
  });

  test('has one way to scale predict, none for the API, and keys from a secret', () => {
    const scaled = (kind: string) =>
      (ofKind(kind, all) as readonly { readonly spec: { readonly scaleTargetRef: { readonly name: string } } }[])
        .map(({ spec }) => spec.scaleTargetRef.name)
        .filter((name) => /predict|api/.test(name));
    expect([scaled('ScaledObject'), scaled('HorizontalPodAutoscaler')]).toEqual([['downlink-predict'], []]);
    const { volumes = [] } = named('Deployment', 'downlink-api')?.template.spec ?? {};
    expect(volumes.flatMap(({ secret }) => secret?.secretName ?? [])).toContain('downlink-api-keys');
  });

  test('has a Triton that loads the models of the fleet and of jobs', () => {
    const [server] = named('StatefulSet', 'triton')?.template.spec.containers ?? [];
    expect(loadedBy(server?.args ?? [])).toEqual(expect.arrayContaining(['smap_fleet', ...models]));
  });
});

test('nginx waits longer than the longest poll, and leaves it to the API to say what is too large', () => {
  const conf = textOf('deploy/nginx.conf');
  const longest = Number(/maximum: (\d+),\n\s+default: 0/.exec(textOf('src/api/routes/results.ts'))?.[1]);
  const waits = [...conf.matchAll(/proxy_read_timeout (\d+)s;/g)].map(([, seconds]) => Number(seconds));
  expect(longest).toBe(60);
  expect(waits).toHaveLength(2);
  for (const seconds of waits) expect(seconds).toBeGreaterThan(longest);
  expect(1024 * Number(/client_max_body_size (\d+)k;/.exec(conf)?.[1])).toBeGreaterThan(defaultLimits.bodyBytes);
  // A location that sets a header has none of those that are set above it.
  const locations = conf.slice(conf.indexOf('location /'));
  expect(locations).not.toContain('proxy_set_header');
  expect(conf).toContain('proxy_set_header X-Forwarded-For $remote_addr;');
});
