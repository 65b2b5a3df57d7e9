import { answers, apicurioVersion, startApicurio } from './apicurio.ts';
import { startKafkaInDocker } from './docker-kafka.ts';
import { javaIsMissing } from './java-process.ts';
import { kafkaJars, kafkaVersion, startKafka } from './kafka.ts';
import { quietKafka } from './kafka-client.ts';
import type { Found, Programs } from './programs.ts';
import { stopLater } from './stop-programs.ts';

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
