import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { stopWithinMs } from '../../src/cli/run-here.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { aclsOf } from '../../src/pipeline/acls.ts';
import { declaredTopics } from '../../src/pipeline/declared-topics.ts';
import { parsed } from '../cli/command-line.ts';
import { manifestsOf, ofKind, pinned, root, textOf, yamlOf, type Manifest } from './documents.ts';
import { modelNames, smap, stageNames } from './smap.ts';

const folder = 'deploy/kubernetes';

interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly nameSuffix?: string;
  readonly labels?: readonly { readonly pairs: Readonly<Record<string, string>> }[];
  readonly patches?: readonly { readonly patch?: string; readonly path?: string }[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly literals?: readonly string[] }[];
  readonly images?: readonly { readonly name: string; readonly newTag: string }[];
}
interface Env {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}
interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly Env[];
  readonly securityContext: object;
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string } };
}
interface Workload extends Manifest {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: { readonly runAsNonRoot: boolean };
        readonly containers: readonly Container[];
        readonly initContainers?: readonly Container[];
      };
    };
  };
}
interface User extends Manifest {
  readonly spec: { readonly authorization: { readonly acls: readonly object[] } };
}
interface Topic extends Manifest {
  readonly spec: { readonly partitions: number; readonly replicas?: number; readonly config?: object };
}

const kustomizationOf = (path: string) => yamlOf(`${folder}/${path}/kustomization.yaml`) as Kustomization;
const filesBelow = (path: string): readonly string[] =>
  readdirSync(join(root, path), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
const everyFile = filesBelow(folder).map((name) => `${folder}/${name}`);
const everything = everyFile
  .filter((path) => !path.endsWith('kustomization.yaml') && !path.endsWith('names.yaml'))
  .flatMap((path) => manifestsOf(path));

const [stage] = manifestsOf(`${folder}/stage/deployment.yaml`) as readonly Workload[];
const [triton] = ofKind('StatefulSet', manifestsOf(`${folder}/triton/triton.yaml`)) as readonly Workload[];
if (stage === undefined || triton === undefined) throw new Error('no stage, or no Triton');
const [container] = stage.spec.template.spec.containers;
const overlays = readdirSync(join(root, folder, 'overlays'));
const perStage = smap.stages.map((one) => [one.declaration.name, one] as const);

test('each stage of the topology is one of the pattern, and there is no other', () => {
  expect(readdirSync(join(root, folder, 'stages')).sort()).toEqual([...stageNames].sort());
  const { resources = [] } = kustomizationOf('base');
  expect(resources.filter((path) => path.includes('stages/'))).toEqual(stageNames.map((name) => `../stages/${name}`));
});

test.each(perStage)(
  '%s is called so, reads its topic in its group, and may do what it must',
  (name, { from, group }) => {
    const { nameSuffix, labels, patches, resources } = kustomizationOf(`stages/${name}`);
    expect([nameSuffix, resources]).toEqual([`-${name}`, ['../../stage', 'user.yaml']]);
    expect(labels).toEqual([{ pairs: { 'app.kubernetes.io/component': name }, includeSelectors: true }]);
    const patch = patches?.map((one) => one.patch).join('\n');
    expect(patch).toContain(`consumerGroup, value: ${group} }`);
    expect(patch).toContain(`topic, value: ${from.kafkaName} }`);

    const [user] = manifestsOf(`${folder}/stages/${name}/user.yaml`) as readonly User[];
    const rights = aclsOf(smap).filter(({ principal }) => principal === name);
    expect(user?.spec.authorization.acls).toEqual(
      rights.map(({ resource, prefixed, operations, ...acl }) => ({
        resource: {
          type: resource === 'transactional-id' ? 'transactionalId' : resource,
          name: acl.name,
          patternType: prefixed ? 'prefix' : 'literal',
        },
        operations,
      })),
    );
  },
);

test('the topics are those of the topology, as it says that they are to be', () => {
  const found = ofKind('KafkaTopic', manifestsOf(`${folder}/kafka/topics.yaml`)) as readonly Topic[];
  const inText = (config: object) =>
    Object.fromEntries(Object.entries(config).map(([key, value]) => [key, `${value}`]));
  expect(
    found.map(({ metadata, spec }) => [metadata.name, spec.partitions, spec.replicas, inText(spec.config ?? {})]),
  ).toEqual(declaredTopics(smap).map((one) => [one.name, one.partitions, one.replication, inText(one.config)]));
});

test('there are never more replicas than partitions', () => {
  const partitions = Math.min(...smap.topics.map((topic) => topic.partitions));
  const [onLag] = manifestsOf(`${folder}/stage/on-lag.yaml`);
  const [onCpu] = manifestsOf(`${folder}/stage/on-cpu.yaml`);
  expect(onLag?.spec).toHaveProperty('maxReplicaCount', partitions);
  expect(onCpu?.spec).toHaveProperty('maxReplicas', partitions);
  expect(onCpu?.spec).toHaveProperty('metrics.0.resource.target', { type: 'Utilization', averageUtilization: 70 });
});

test('each overlay scales in one way', () => {
  const waysOf = (path: string): readonly string[] => {
    const { components = [], resources = [] } = kustomizationOf(path);
    const own = components.filter((one) => /\/(scale-on-(lag|cpu)|fixed)$/.test(one));
    return [...own, ...resources.filter((one) => /^\.\.\/\w+$/.test(one)).flatMap((one) => waysOf(join(path, one)))];
  };
  for (const overlay of overlays)
    expect([overlay, waysOf(`overlays/${overlay}`)]).toEqual([overlay, [expect.any(String)]]);
});

test('all that a kustomization names is there', () => {
  for (const file of everyFile.filter((path) => path.endsWith('/kustomization.yaml'))) {
    const { resources = [], components = [], patches = [] } = yamlOf(file) as Kustomization;
    const named = [...resources, ...components, ...patches.flatMap(({ path }) => path ?? [])];
    for (const path of named) expect([path, existsSync(join(root, file, '..', path))]).toEqual([path, true]);
  }
});

test('the command line of a stage is one that downlink takes', async () => {
  await parsed(`downlink ${container?.args?.join(' ').replace('$(STAGE)', 'infer')}`);
});

test.each(overlays)('what %s sets in the environment is what downlink reads', (overlay) => {
  const literalsOf = (path: string): readonly string[] => {
    const { configMapGenerator = [], resources = [] } = kustomizationOf(path);
    const below = resources.filter((one) => /^\.\.\/(\.\.\/base|production)$/.test(one));
    return [
      ...below.flatMap((one) => literalsOf(join(path, one))),
      ...configMapGenerator.flatMap((one) => one.literals ?? []),
    ];
  };
  const set = literalsOf(`overlays/${overlay}`).map((literal) => literal.split(/=(.*)/s).slice(0, 2));
  const given = container?.env?.map(({ name, value = 'x' }) => [name, value]) ?? [];
  const env = Object.fromEntries([...given, ...set]) as Record<string, string>;
  expect(readEnvironment(env).problems).toBeUndefined();
  for (const name of ['DOWNLINK_KAFKA', 'DOWNLINK_REGISTRY', 'DOWNLINK_TRITON']) expect(env).toHaveProperty(name);
});

test('a stage is asked what it answers, and has the time that it takes to stop', () => {
  const asked = (['startupProbe', 'livenessProbe', 'readinessProbe'] as const).map(
    (probe) => container?.[probe]?.httpGet.path,
  );
  expect(asked).toEqual(['/live', '/live', '/ready']);
  const answers = textOf('src/telemetry/server.ts');
  for (const path of asked) expect(answers).toContain(`case '${path}'`);
  const { terminationGracePeriodSeconds: seconds } = stage.spec.template.spec;
  expect(seconds).toBe(30);
  expect(seconds * 1000).toBeGreaterThan(2 * stopWithinMs);
});

test('nothing runs as root, writes to its root, or may become more', () => {
  for (const { spec } of [stage.spec.template, triton.spec.template]) {
    expect(spec.securityContext.runAsNonRoot).toBe(true);
    for (const { securityContext } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      const [allowPrivilegeEscalation, readOnlyRootFilesystem] = [false, true];
      expect(securityContext).toEqual({
        allowPrivilegeEscalation,
        readOnlyRootFilesystem,
        capabilities: { drop: ['ALL'] },
      });
    }
  }
});

test('secrets are named, never written down', () => {
  expect(ofKind('Secret', everything)).toEqual([]);
  const secret = (container?.env ?? []).filter(({ name }) => /PASSWORD|TOKEN|HEADERS/.test(name));
  expect(secret.length).toBeGreaterThan(0);
  for (const { value, valueFrom } of secret)
    expect([value, valueFrom]).toEqual([undefined, { secretKeyRef: expect.anything() }]);
});

test('every image is of one version', () => {
  for (const { spec } of [stage.spec.template, triton.spec.template]) {
    for (const { image } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      if (image !== 'downlink') expect(image).toMatch(pinned);
    }
  }
  const { version } = yamlOf('package.json') as { version: string };
  for (const path of ['base', 'overlays/local', 'overlays/production'])
    expect(kustomizationOf(path).images?.map(({ name, newTag }) => [name, newTag])).toEqual([['downlink', version]]);
});

test('Triton loads the models of the fleet', () => {
  const [server] = triton.spec.template.spec.containers;
  const loads = (server?.args ?? []).flatMap((one) => /^--load-model=(.*)$/.exec(one)?.[1] ?? []);
  expect(loads).toEqual(modelNames);
});
