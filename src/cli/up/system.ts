import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaConfig } from '../../kafka/connection.ts';
import { openTopics } from '../../kafka/topics.ts';
import type { Topology } from '../../config/topology.ts';
import { declaredTopics } from '../../pipeline/declared-topics.ts';
import { kafkaAddressOf } from '../../pipeline/kafka-address.ts';
import { openLeaving } from '../../pipeline/leaving.ts';
import { loadSettings } from '../../pipeline/settings.ts';
import { printProblem } from '../../config/problem.ts';
import { DownlinkError } from '../../errors.ts';
import type { Shell } from '../verb.ts';
import { keepRunning, type Addresses, type Happening, type Part, type PartName, type PartOptions } from './part.ts';
import type { Reached } from './reached.ts';

/** Programs that are elsewhere, each in place of an embedded one. */
export interface Outside {
  readonly kafka?: string;
  readonly registry?: string;
  readonly triton?: string;
  readonly victoria?: string;
}

export interface Ports {
  readonly kafkaPort: number;
  readonly registryPort: number;
  readonly tritonPort: number;
  readonly metricsPort: number;
  readonly apiPort: number;
}

export interface SystemOptions extends Outside, Ports {
  readonly topology: Topology;
  /** Whose jobs are taken, and answered by its stages; undefined: none are. */
  readonly jobs: Topology | undefined;
  readonly models: string;
  readonly folder: string;
  readonly env: Shell['env'];
  readonly again: NonNullable<Shell['again']>;
  readonly tell: (happening: Happening) => void;
  /** Before the stages run. */
  readonly prepare: (reached: Reached) => Promise<void>;
}

export interface Running extends Reached {
  readonly addresses: Addresses;
}

export interface System {
  /** Everything runs, or is on its way to. */
  readonly running: Promise<Running>;
  /** Resolves when a part of it is given up. */
  readonly given: Promise<PartName>;
  /** Whatever of it runs by now. */
  stop(): Promise<void>;
}

const stopWithinMs = 9_500;

/** All that a topology needs on this machine: what is not elsewhere, started in its order, and the stages on top of it. */
export function startSystem(options: SystemOptions): System {
  const { env, again, tell } = options;
  const parts: Part[] = [];
  let giveUp: (name: PartName) => void = () => undefined;
  const given = new Promise<PartName>((resolve) => (giveUp = resolve));
  const keep: Keep = (name, args, more = {}) => {
    const part = keepRunning({ name, args, again, tell, env, ...more });
    parts.push(part);
    part.given.then(
      () => giveUp(name),
      () => undefined,
    );
    return part;
  };
  const running = start(options, keep);
  // Whoever does not wait for it hears of what is given up.
  running.catch(() => undefined);
  return {
    running,
    given,
    stop: async () => {
      // The stages first: they finish what is begun on what the others serve.
      for (const part of parts.reverse()) await part.stop(stopWithinMs);
    },
  };
}

type Keep = (name: PartName, args: PartOptions['args'], more?: Partial<PartOptions>) => Part;

async function start(options: SystemOptions, keep: Keep): Promise<Running> {
  const { topology, kafka, registry, triton, victoria } = options;
  const inference = triton === undefined ? keep('inference server', inferenceArgs(options)) : undefined;
  const broker = kafka === undefined ? keep('kafka', brokerArgs(options)) : undefined;
  const served = await broker?.addresses;
  const alone =
    registry === undefined && broker === undefined
      ? keep('registry', registryArgs(options), { env: environmentOf(options.env, { kafka }, options) })
      : undefined;
  const found = { ...served, ...(await alone?.addresses), ...(await inference?.addresses) };
  const addresses = {
    kafka: kafka ?? found['kafka'] ?? '',
    registry: registry ?? found['registry'] ?? '',
    triton: triton ?? found['triton'] ?? '',
  };
  const env = environmentOf(options.env, { ...addresses, victoria }, options);
  const environment = environmentIn(topology, env);
  await makeTopics(topology, environment, kafka === undefined);
  await options.prepare({ environment });
  const prepared = { environment, env, keep };
  await keepMembers(options, prepared, 'stages', topology, stageArgs(options));
  const api = await startJobs(options, prepared);
  return { environment, addresses: { ...addresses, ...api } };
}

/** What takes jobs and shows what the topics say; the first score does not wait for it. */
async function startJobs(options: SystemOptions, prepared: Prepared): Promise<Addresses> {
  const { jobs, kafka } = options;
  if (jobs === undefined) return {};
  await makeTopics(jobs, prepared.environment, kafka === undefined);
  const part = await keepMembers(options, prepared, 'jobs', jobs, jobArgs(options, jobs));
  return part.addresses;
}

interface Prepared extends Reached {
  readonly env: Shell['env'];
  readonly keep: Keep;
}

/** Members of consumer groups: who dies is taken out of them at once. */
async function keepMembers(
  { folder }: SystemOptions,
  { environment, env, keep }: Prepared,
  name: PartName,
  { stages }: Topology,
  args: PartOptions['args'],
): Promise<Part> {
  const leaving = openLeaving(
    kafkaAddressOf(environment.kafka),
    stages.map(({ group }) => group),
  );
  // Those of a start that was killed with all that it ran: nobody has taken them out of their groups.
  const memory = join(folder, `${name}-client`);
  if (existsSync(memory)) await leaving.leave(readFileSync(memory, 'utf8'));
  const part = keep(name, args, {
    env,
    leave: (clientId) => leaving.leave(clientId),
    onClient: (clientId) => writeFileSync(memory, clientId),
  });
  part.given.then(
    () => leaving.close(),
    () => undefined,
  );
  return part;
}

const stageArgs =
  ({ topology, models, metricsPort }: SystemOptions): PartOptions['args'] =>
  () => ['run', '--topology', topology.file, '--models', models, '--worker', '0', '--port', String(metricsPort)];

const jobArgs =
  ({ topology, models, apiPort }: SystemOptions, jobs: Topology): PartOptions['args'] =>
  (before) => [
    ...['api', '--topology', jobs.file, '--topology', topology.file, '--with-stages', '--models', models],
    ...['--port', portOf(before?.['api'], apiPort)],
  ];

const brokerArgs =
  ({ folder, registry, kafkaPort, registryPort }: SystemOptions) =>
  (before: Addresses | undefined) => [
    ...['broker', '--folder', join(folder, 'kafka'), '--port', portOf(before?.['kafka'], kafkaPort)],
    ...(registry === undefined ? ['--registry-port', portOf(before?.['registry'], registryPort)] : []),
  ];

const registryArgs =
  ({ registryPort }: SystemOptions) =>
  (before: Addresses | undefined) => ['registry', '--port', portOf(before?.['registry'], registryPort)];

const inferenceArgs =
  ({ models, tritonPort, topology, jobs }: SystemOptions) =>
  (before: Addresses | undefined) => [
    ...['inference-server', '--model-repository', models, '--model-control-mode', 'explicit'],
    ...[...modelsOf(topology), ...(jobs === undefined ? [] : modelsOf(jobs))].flatMap((name) => ['--load-model', name]),
    ...['--grpc-port', portOf(before?.['triton'], tritonPort), '--http-port', '0', '--metrics-port', '0'],
  ];

const modelsOf = ({ entities, stages }: Topology): ReadonlySet<string> =>
  new Set([
    ...entities.map(({ model }) => model),
    ...stages.flatMap(({ declaration, settings }) => declaration.asks?.(settings) ?? []),
  ]);

/** Who comes back is found where it was. */
const portOf = (before: string | undefined, wanted: number): string =>
  before === undefined ? String(wanted) : before.slice(before.lastIndexOf(':') + 1);

/** What opens a program that is elsewhere stays; of one that is embedded nothing that was set holds. */
function environmentOf(
  env: Shell['env'],
  addresses: Readonly<Record<string, string | undefined>>,
  outside: Outside,
): Record<string, string> {
  const programs = ['kafka', 'registry', 'triton', 'victoria'] as const;
  const embedded = programs.filter((program) => outside[program] === undefined);
  const all = Object.entries(env).filter(
    ([name]) => !embedded.some((program) => name.startsWith(`DOWNLINK_${program.toUpperCase()}`)),
  );
  const set = Object.entries(addresses).map(([name, address]) => [`DOWNLINK_${name.toUpperCase()}`, address]);
  const known = [...all, ...set].filter((one): one is [string, string] => one[1] !== undefined);
  return Object.fromEntries(known);
}

function environmentIn({ file }: Topology, env: Record<string, string>): Reached['environment'] {
  const { settings, problems = [] } = loadSettings(file, env);
  if (settings === undefined) throw new DownlinkError('config-invalid', problems.map(printProblem).join('\n'));
  return settings.environment as Reached['environment'];
}

/** In a Kafka that is not ours nothing is changed that is there. */
async function makeTopics(topology: Topology, { kafka }: Reached['environment'], isOurs: boolean): Promise<void> {
  const topics = await openTopics(kafkaConfig(kafkaAddressOf(kafka)));
  try {
    const plan = await topics.plan(declaredTopics(topology));
    await topics.apply(isOurs ? plan : plan.filter(({ state }) => state === 'missing'), () => undefined);
  } finally {
    await topics.close();
  }
}
