import { expect, test } from '@jest/globals';
import { readEnvironment } from '../../src/config/environment.ts';
import { parsed } from '../cli/command-line.ts';
import { apicurioVersion } from '../support/apicurio.ts';
import { kafkaVersion } from '../support/kafka.ts';
import { pinned, textOf, yamlOf } from './documents.ts';
import { modelNames, stageNames } from './smap.ts';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly healthcheck?: { readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
  readonly deploy: { readonly resources: { readonly limits: { readonly cpus: string; readonly memory: string } } };
}

interface Scrape {
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly dns_sd_configs?: readonly { readonly names: readonly string[] }[];
  }[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const { services, volumes } = yamlOf('docker-compose.yml') as Compose;
const all = Object.entries(services);
const ours = all.filter(([, { image }]) => image.startsWith('downlink:'));
const ofSmap = ([, { command = [] }]: (typeof all)[number]) => command.includes('topologies/smap.yaml');
const keeps = ({ volumes: mounted = [] }: Service) => mounted.some((one) => (one.split(':')[0] ?? '') in volumes);

test('each stage of the topology is a service of its own, and there is no other', () => {
  const stages = ours.filter((one) => ofSmap(one) && one[1].command?.includes('--stage'));
  expect(stages.map(([name]) => name).sort()).toEqual([...stageNames].sort());
  for (const [name, { command = [] }] of stages) {
    expect(command).toEqual(['run', '--topology', 'topologies/smap.yaml', '--host', '0.0.0.0', '--stage', name]);
  }
});

test.each(ours)('the command line of %s is one that downlink takes, and so is its environment', async (_, service) => {
  const { command = [], environment = {} } = service;
  await parsed(`downlink ${command.join(' ')}`);
  const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
  expect(readEnvironment(env).problems).toBeUndefined();
});

test.each(all)('%s is pinned, bounded, hardened, and looked after', (_, service) => {
  expect(service.image).toMatch(pinned);
  expect(service.deploy.resources.limits).toEqual({ cpus: expect.any(String), memory: expect.any(String) });
  expect([service.cap_drop, service.security_opt]).toEqual([['ALL'], ['no-new-privileges:true']]);
  const once = service.restart === 'no';
  // The stages have the health check of their image.
  const watched = service.image.startsWith('downlink:') ? !once : service.healthcheck !== undefined;
  expect([once, watched]).not.toEqual([false, false]);
  // What keeps nothing has nowhere to write to.
  if (!keeps(service)) expect(service.read_only).toBe(true);
});

test('a password is whatever the user sets, and must be set', () => {
  const secrets = all.flatMap(([, { environment = {} }]) =>
    Object.entries(environment).filter(([name]) => /PASSWORD|SECRET|TOKEN/.test(name)),
  );
  expect(secrets.map(([name]) => name)).toEqual(['GF_SECURITY_ADMIN_PASSWORD']);
  for (const [, value] of secrets) expect(value).toMatch(/^\$\{[A-Z_]+:\?.+\}$/);
});

test('nothing is open but to this machine', () => {
  const ports = all.flatMap(([, service]) => service.ports ?? []);
  expect(ports.length).toBeGreaterThan(0);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test('what a service waits for is there in its profiles, and answers or has done its work', () => {
  for (const [, { depends_on = {}, profiles = [] }] of all) {
    for (const [name, { condition, required }] of Object.entries(depends_on)) {
      const other = services[name];
      expect(condition).toBe(other?.restart === 'no' ? 'service_completed_successfully' : 'service_healthy');
      const always = other?.profiles === undefined || profiles.every((one) => other.profiles?.includes(one));
      expect([name, required ?? true]).toEqual([name, always]);
    }
  }
});

test('without a profile there is what tests use, of the versions that tests start', () => {
  const bare = all.filter(([, { profiles }]) => profiles === undefined);
  expect(bare.map(([name]) => name)).toEqual(['kafka', 'registry']);
  expect(bare.map(([, { image }]) => image.split(':')[1])).toEqual([kafkaVersion, apicurioVersion]);
});

test('Triton loads the models of the fleet, with and without a GPU', () => {
  for (const name of ['triton', 'triton-gpu']) {
    const loads = (services[name]?.command ?? []).flatMap((one) => /^--load-model=(.*)$/.exec(one)?.[1] ?? []);
    expect(loads).toEqual(modelNames);
  }
});

test('the model is configured alike on a GPU and on a CPU, but for where it runs', () => {
  const config = (path: string) => textOf(path).replace(/^#.*\n/, '');
  const cpu = config('model_repository/smap_fleet/config.pbtxt');
  expect(cpu).toContain('kind: KIND_CPU');
  expect(config('deploy/kubernetes/components/gpu/config.pbtxt')).toBe(cpu.replace('KIND_CPU', 'KIND_GPU'));
});

test('VictoriaMetrics finds every container of every stage, under the jobs that the dashboards know', () => {
  const jobsIn = (path: string) => (yamlOf(path) as Scrape).scrape_configs;
  const here = jobsIn('deploy/compose/scrape.yaml');
  expect(here.map(({ job_name }) => job_name)).toEqual(
    jobsIn('deploy/victoriametrics/scrape.yaml').map(({ job_name }) => job_name),
  );
  const [stages, server] = here.map(({ dns_sd_configs = [] }) => dns_sd_configs.flatMap(({ names }) => names));
  expect([...(stages ?? [])].sort()).toEqual([...stageNames, 'jobs', 'store'].sort());
  expect(server).toEqual(['triton', 'triton-jobs']);
});
