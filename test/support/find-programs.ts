import { existsSync } from 'node:fs';
import { answers, apicurioVersion, startApicurio } from './apicurio.ts';
import { startKafkaInDocker } from './docker-kafka.ts';
import { startTritonInDocker } from './docker-triton.ts';
import { javaIsMissing } from './java-process.ts';
import { kafkaJars, kafkaVersion, startKafka } from './kafka.ts';
import { quietKafka } from './kafka-client.ts';
import { postgresProgram } from './postgres.ts';
import type { Found, Programs } from './programs.ts';
import { schemathesisProgram, schemathesisVersion } from './schemathesis-program.ts';
import { stopLater } from './stop-programs.ts';
import { startTriton } from './triton.ts';
import { unfit } from './triton-models.ts';
import { tritonProgram, tritonVersion } from './triton-program.ts';
import { startVictoria, victoriaProgram, victoriaVersion } from './victoria.ts';

/** A broker that the environment names, else one started with Java, else one in a container. */
export async function findKafka(): Promise<Found<Programs['kafka']>> {
  const told = process.env['DOWNLINK_TEST_KAFKA'];
  if (told) {
    const what = `the Kafka broker on ${told} (DOWNLINK_TEST_KAFKA)`;
    return (await isKafka(told)) ? { bootstrap: told, what } : { missing: `there is no answer from ${what}` };
  }
  const what = `Apache Kafka ${kafkaVersion}`;
  const began = Date.now();
  const withJava = await fromMaven(() => startKafka({ version: kafkaVersion }));
  if (!('missing' in withJava)) {
    const { bootstrap } = withJava;
    stopLater(withJava);
    return { bootstrap, what: `${what} on ${bootstrap} (${startedSince(began)})` };
  }
  try {
    const container = await startKafkaInDocker(kafkaVersion);
    stopLater(container);
    const { bootstrap } = container;
    return { bootstrap, what: `${what} on ${bootstrap} (started here in Docker)` };
  } catch (error) {
    return { missing: `${withJava.missing}; Docker: ${reasonOf(error)}` };
  }
}

/** A registry that the environment names, else one started with Java. */
export async function findRegistry(): Promise<Found<Programs['registry']>> {
  const told = process.env['DOWNLINK_TEST_REGISTRY'];
  if (told) {
    const what = `the schema registry on ${told} (DOWNLINK_TEST_REGISTRY)`;
    return (await answers(`${told}/subjects`)) ? { url: told, what } : { missing: `there is no answer from ${what}` };
  }
  const began = Date.now();
  const registry = await fromMaven(startApicurio);
  if ('missing' in registry) return registry;
  const { url } = registry;
  stopLater(registry);
  return { url, what: `Apicurio Registry ${apicurioVersion} on ${url} (${startedSince(began)})` };
}

/** What a test needs to start brokers of its own. */
export async function findCluster(): Promise<Found<Programs['cluster']>> {
  const jars = await fromMaven(async () => ({ folder: await kafkaJars(kafkaVersion) }));
  if ('missing' in jars) return jars;
  return { version: kafkaVersion, what: `Apache Kafka ${kafkaVersion} in clusters of their own (Maven's jars)` };
}

/** A VictoriaMetrics that the environment names, else one started from Debian's package. */
export async function findVictoria(): Promise<Found<Programs['victoria']>> {
  const told = process.env['DOWNLINK_TEST_VICTORIA'];
  if (told) {
    const what = `the VictoriaMetrics on ${told} (DOWNLINK_TEST_VICTORIA)`;
    return (await answers(`${told}/health`)) ? { url: told, what } : { missing: `there is no answer from ${what}` };
  }
  const found = await findVictoriaProgram();
  if ('missing' in found) return found;
  const began = Date.now();
  const victoria = await startVictoria(found.file);
  stopLater(victoria);
  const { url } = victoria;
  return { url, what: `${found.what} on ${url} (started here in ${Date.now() - began} ms)` };
}

/** A program that the environment names, say of another version, else Debian's. */
export async function findVictoriaProgram(): Promise<Found<Programs['victoriaProgram']>> {
  const told = process.env['DOWNLINK_TEST_VICTORIA_PROGRAM'];
  if (told) {
    const what = `the VictoriaMetrics in ${told} (DOWNLINK_TEST_VICTORIA_PROGRAM)`;
    return existsSync(told) ? { file: told, what } : { missing: `there is no file for ${what}` };
  }
  try {
    return { file: await victoriaProgram(), what: `VictoriaMetrics ${victoriaVersion} of Debian's package` };
  } catch (error) {
    return { missing: `no VictoriaMetrics ${victoriaVersion} by apt-get download: ${reasonOf(error)}` };
  }
}

export async function findVmalert(): Promise<Found<Programs['vmalert']>> {
  try {
    return { file: await victoriaProgram('vmalert'), what: `vmalert ${victoriaVersion} of Debian's package` };
  } catch (error) {
    return { missing: `no vmalert ${victoriaVersion} by apt-get download: ${reasonOf(error)}` };
  }
}

/** A Triton that the environment names and that has the models of triton-models.ts, else PyPI's, else one in a container. */
export async function findTriton(): Promise<Found<Programs['triton']>> {
  const told = process.env['DOWNLINK_TEST_TRITON'];
  if (told) {
    const what = `the Triton on ${told} (DOWNLINK_TEST_TRITON)`;
    const lack = await unfit(told);
    return lack === undefined ? { grpc: told, what } : { missing: `${what} does not do: ${lack}` };
  }
  const found = await findTritonProgram();
  if (!('missing' in found)) {
    const began = Date.now();
    const triton = await startTriton(found.folder);
    stopLater(triton);
    const { grpc } = triton;
    return { grpc, what: `Triton ${tritonVersion} on ${grpc} (started here in ${Date.now() - began} ms)` };
  }
  try {
    const container = await startTritonInDocker();
    stopLater(container);
    const { grpc } = container;
    return { grpc, what: `Triton ${tritonVersion} on ${grpc} (started here in Docker)` };
  } catch (error) {
    return { missing: `${found.missing}; Docker: ${reasonOf(error)}` };
  }
}

export async function findTritonProgram(): Promise<Found<Programs['tritonProgram']>> {
  try {
    return { folder: await tritonProgram(), what: `Triton ${tritonVersion} of PyPI's wheel` };
  } catch (error) {
    return { missing: `no Triton ${tritonVersion} by pip: ${reasonOf(error)}` };
  }
}

export async function findPostgresProgram(): Promise<Found<Programs['postgresProgram']>> {
  const told = process.env['DOWNLINK_TEST_POSTGRES_PROGRAM'];
  if (told) {
    const what = `the PostgreSQL in ${told} (DOWNLINK_TEST_POSTGRES_PROGRAM)`;
    return existsSync(told) ? { folder: told, what } : { missing: `there is no folder for ${what}` };
  }
  try {
    const { folder, version } = await postgresProgram();
    return { folder, what: `${version} in ${folder}` };
  } catch (error) {
    return { missing: `no PostgreSQL: ${reasonOf(error)}` };
  }
}

export async function findSchemathesis(): Promise<Found<Programs['schemathesis']>> {
  try {
    return { file: await schemathesisProgram(), what: `schemathesis ${schemathesisVersion} of PyPI` };
  } catch (error) {
    return { missing: `no schemathesis ${schemathesisVersion} by pip: ${reasonOf(error)}` };
  }
}

async function isKafka(bootstrap: string): Promise<boolean> {
  const admin = quietKafka(bootstrap).admin();
  return await admin
    .connect()
    .then(() => true)
    .catch(() => false)
    .finally(() => admin.disconnect());
}

async function fromMaven<T extends object>(start: () => Promise<T>): Promise<T | { missing: string }> {
  const missing = await javaIsMissing();
  if (missing !== null) return { missing };
  return await start().catch((error: unknown) => ({ missing: reasonOf(error) }));
}

const startedSince = (began: number): string =>
  `started here from Maven's jars in ${((Date.now() - began) / 1000).toFixed(1)} s`;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
