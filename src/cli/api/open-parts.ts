import { readerOf, writerOf } from '../../avro/own-types.ts';
import { openRegistry } from '../../avro/registry.ts';
import { openFeed, type Shown } from '../../api/feed.ts';
import { openJobLog } from '../../api/job-log.ts';
import type { Keys } from '../../api/keys.ts';
import type { ApiParts, Dependency } from '../../api/parts.ts';
import { show } from '../../api/show.ts';
import { openEventLog } from '../../api/socket/event-log.ts';
import { openAnomalyView } from '../../api/view/anomalies.ts';
import { openJobView } from '../../api/view/jobs.ts';
import { openSampleView } from '../../api/view/samples.ts';
import { keyOfEntity } from '../../config/entities-named.ts';
import type { Topic } from '../../config/topology.ts';
import type { SchemaName } from '../../contract/index.ts';
import { DownlinkError } from '../../errors.ts';
import { kafkaConfig } from '../../kafka/connection.ts';
import { partitionCounts } from '../../kafka/partition-counts.ts';
import { openFetcher } from '../../kafka/reader/fetcher.ts';
import { offsetOf } from '../../kafka/reader/offsets.ts';
import { openIdempotentWriter } from '../../kafka/writer/idempotent-writer.ts';
import { openChannel } from '../../kserve/client.ts';
import { jobModelOf } from '../../pipeline/inference-of.ts';
import { kafkaAddressOf } from '../../pipeline/kafka-address.ts';
import { registerSchemas } from '../../pipeline/register-schemas.ts';
import { postgresAddressOf } from '../../pipeline/postgres-address.ts';
import type { Settings } from '../../pipeline/settings.ts';
import { openSeriesHistory } from '../../sinks/victoria/series-history.ts';
import type { Emit } from '../../telemetry/events.ts';
import { openJobHistory } from './job-history.ts';

export interface PartsOptions {
  readonly settings: readonly Settings[];
  readonly models: string;
  readonly keys: Keys | undefined;
  readonly emit: Emit;
  readonly note: (line: string) => void;
}

export interface OpenedParts {
  readonly parts: ApiParts;
  /** Resolves with what no waiting mends. */
  readonly failed: Promise<unknown>;
  close(): Promise<void>;
}

/** How much is kept to be shown: results of a day, of each entity the samples of a day at 30 s, and what a reconnect may have missed. */
const [daysMs, samplesOfEntity, anomaliesOfEntity, eventsKept] = [24 * 3_600_000, 2_880, 100, 5_000];
const most: Readonly<Partial<Record<SchemaName, number>>> = {
  job: 20_000,
  'job-result': 20_000,
  scores: 5_000,
  anomaly: 5_000,
};

/** All that the API stands on: what is in the topics by now has been seen when this resolves. */
export async function openParts({ settings, models, keys, emit, note }: PartsOptions): Promise<OpenedParts> {
  const [first] = settings;
  const environment = first?.environment;
  const { kafka, registry } = environment ?? {};
  if (environment === undefined || kafka === undefined || registry === undefined) {
    const lacking = kafka === undefined ? 'DOWNLINK_KAFKA' : 'DOWNLINK_REGISTRY';
    throw new DownlinkError('config-invalid', `environment: ${lacking}: missing; set it to where the program is`);
  }
  const topologies = settings.map(({ topology }) => topology);
  const withJobs = topologies.find(({ topics }) => topics.some(({ schemas }) => schemas.includes('job')));
  const jobTopic = withJobs?.topics.find(({ schemas }) => schemas.includes('job'));
  if (withJobs === undefined || jobTopic === undefined)
    throw new DownlinkError('config-invalid', 'no topology has a topic with the schema `job`; name timeseries.yaml');
  const fetcher = openFetcher({ config: kafkaConfig(kafkaAddressOf(kafka)), corrupt: 'hand out', maxWaitMs: 500 });
  try {
    const client = openRegistry(registry);
    const registered = await registerSchemas(withJobs, client);
    const shownTopics = topologies
      .flatMap(({ topics }) => topics)
      .filter(({ schemas }) => schemas.some((schema) => most[schema] !== undefined));
    const counts = await partitionCounts(
      fetcher.cluster,
      shownTopics.map(({ kafkaName }) => kafkaName),
    );
    const countOf = ({ kafkaName }: Topic): number => {
      const count = counts.get(kafkaName);
      if (count !== undefined) return count;
      throw new DownlinkError('config-invalid', `Kafka has no topic ${kafkaName}; \`downlink topics apply\` makes it`);
    };
    const since = Date.now() - daysMs;
    const shown = shownTopics.map((topic): Shown => ({
      topic: topic.kafkaName,
      partitions: countOf(topic),
      since,
      most: Math.max(...topic.schemas.map((schema) => most[schema] ?? 0)),
    }));
    const idOf = (schema: SchemaName): number =>
      registered.find((one) => one.topic === jobTopic.kafkaName && one.schema === schema)?.id ?? 0;
    const [job, cancel] = [writerOf('job', idOf('job')), writerOf('job-cancel', idOf('job-cancel'))];
    const log = openJobLog({
      writer: openIdempotentWriter(fetcher.cluster, { deadlineMs: 10_000 }),
      topic: jobTopic.kafkaName,
      partitions: countOf(jobTopic),
      encode: (entry) => ('cancelled_at' in entry ? cancel.encode(entry) : job.encode(entry)),
    });
    const entities = topologies.flatMap((topology) => topology.entities);
    const sensors = new Map(entities.map((entity) => [keyOfEntity(entity), entity.sensors]));
    const views = {
      jobs: openJobView(),
      samples: openSampleView(samplesOfEntity),
      anomalies: openAnomalyView(anomaliesOfEntity),
      events: openEventLog(eventsKept),
    };
    const feed = await openFeed({
      fetcher,
      reader: readerOf(client, ['job', 'job-cancel', 'job-result', 'scores', 'anomaly']),
      topics: shown,
      take: (record) => show(record, views, (entity) => sensors.get(entity) ?? []),
      note,
    });
    await feed.begun;
    const ofJobs = shownTopics.filter(({ schemas }) => schemas.includes('job') || schemas.includes('job-result'));
    const channels = (environment.triton?.addresses ?? []).map((address) => openChannel({ address }));
    const { postgres, victoria } = environment;
    const history = postgres && openJobHistory(postgresAddressOf(postgres));
    const names = withJobs.stages.flatMap(({ declaration, settings: own }) => declaration.asks?.(own) ?? []);
    return {
      parts: {
        ...views,
        log,
        caughtUp: () => feed.caughtUp(ofJobs.map(({ kafkaName }) => kafkaName)),
        models: new Map(names.map((name) => [name, jobModelOf(models, name)])),
        entities,
        keys,
        emit,
        ...(history === undefined ? {} : { history }),
        ...(victoria === undefined ? {} : { series: openSeriesHistory(victoria) }),
        dependencies: [
          {
            name: 'kafka',
            check: async () => {
              await offsetOf(fetcher.cluster, { topic: jobTopic.kafkaName, partition: 0 }, 'latest');
            },
          },
          { name: 'registry', check: answers(registry.url) },
          ...channels.map((channel): Dependency => {
            const check = async () => {
              const { ready } = (await channel.call('ServerReady', {}, 2_000)) as { readonly ready?: boolean };
              if (ready !== true) throw new DownlinkError('inference-unavailable', 'it is not ready');
            };
            return { name: 'inference server', check };
          }),
          ...(history === undefined ? [] : [{ name: 'PostgreSQL', check: () => history.check() }]),
          ...(victoria === undefined ? [] : [{ name: 'VictoriaMetrics', check: answers(`${victoria}/health`) }]),
        ],
      },
      failed: feed.ended.then(
        () => undefined,
        (thrown: unknown) => thrown,
      ),
      close: async () => {
        await feed.close();
        for (const channel of channels) channel.close();
        await Promise.all([fetcher.close(), history?.close()]);
      },
    };
  } catch (thrown) {
    await fetcher.close();
    throw thrown;
  }
}

/** Any answer is one: who it is was looked at when it was needed. */
const answers =
  (url: string): Dependency['check'] =>
  async (signal) => {
    await fetch(url, { signal });
  };
