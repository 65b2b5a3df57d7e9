import type { KafkaConfig } from 'kafkajs';
import { classify, DownlinkError } from '../errors.ts';
import { findCoordinator, type CoordinatorKind } from './api/10-find-coordinator.ts';
import { metadata, type Broker, type Metadata } from './api/03-metadata.ts';
import type { Api } from './api/api.ts';
import { openLink, type Link } from './link.ts';

/** To whom a request goes. */
export type Target =
  | { readonly leaderOf: TopicPartition }
  | { readonly coordinator: CoordinatorKind; readonly key: string }
  | { readonly node: number }
  | 'anybody';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * The brokers, who leads what and who coordinates whom. What is known is used until it is forgotten: whoever gets an
 * answer that says otherwise forgets it and asks again. One connection per broker.
 */
export interface Cluster {
  /** A link to whom the request is for. Fails with `kafka-unavailable` where nobody is known or answers. */
  linkTo(target: Target): Promise<Link>;
  send<Request, Response>(
    target: Target,
    api: Api<Request, Response>,
    request: Request,
    timeoutMs?: number,
  ): Promise<Response>;
  leaderOf(partition: TopicPartition): Promise<number>;
  partitionsOf(topic: string): Promise<number>;
  /** All brokers, looked up anew. */
  nodes(): Promise<readonly number[]>;
  forgetLeader(partition: TopicPartition): void;
  forgetCoordinator(kind: CoordinatorKind, key: string): void;
  close(): Promise<void>;
}

const unavailable = (detail: string) => new DownlinkError('kafka-unavailable', detail);

/** GROUP_, CLUSTER_ and TRANSACTIONAL_ID_AUTHORIZATION_FAILED: no matter of waiting. */
const forbidden: ReadonlySet<number> = new Set([30, 31, 53]);

export function openCluster(config: KafkaConfig): Cluster {
  const links = new Map<string, Promise<Link>>();
  const topics = new Map<string, Metadata['topics'][number]>();
  const coordinators = new Map<string, Broker>();
  const learning = new Map<string, Promise<Metadata['topics'][number] | undefined>>();
  let brokers: readonly Broker[] = [];
  let closed = false;

  const linkAt = async ({ host, port }: Pick<Broker, 'host' | 'port'>): Promise<Link> => {
    const place = `${host}:${port}`;
    for (;;) {
      if (closed) throw unavailable('this client is closed');
      const known = links.get(place);
      if (known === undefined) {
        const opening = openLink(config, host, port);
        links.set(place, opening);
        return opening;
      }
      // Whoever comes while a connection is being made waits for that one, and for its failure.
      const forget = (): void => {
        if (links.get(place) === known) links.delete(place);
      };
      const link = await known.catch((thrown: unknown) => {
        forget();
        throw thrown;
      });
      if (!link.broken) return link;
      forget();
    }
  };

  /** Any broker that answers, known ones first. */
  const anybody = async (): Promise<Link> => {
    const seeds = Array.isArray(config.brokers) ? config.brokers : await config.brokers();
    const places = [...brokers, ...seeds.map(addressOf)];
    let last: DownlinkError = unavailable('no broker is named');
    for (const place of places) {
      try {
        return await linkAt(place);
      } catch (thrown) {
        last = classify(thrown);
        if (last.verdict === 'stop') throw last;
      }
    }
    throw last;
  };

  const lookUp = async (topic: string) => {
    const found = await (await anybody()).send(metadata, [topic]);
    brokers = found.brokers;
    for (const one of found.topics) topics.set(one.topic, one);
    return topics.get(topic);
  };
  /** All who ask at one time get the one answer. */
  const learn = (topic: string): ReturnType<typeof lookUp> => {
    const known = learning.get(topic);
    if (known !== undefined) return known;
    const asking = lookUp(topic).finally(() => learning.delete(topic));
    learning.set(topic, asking);
    return asking;
  };

  const brokerOf = async (node: number): Promise<Broker> => {
    const known = brokers.find((broker) => broker.node === node);
    if (known !== undefined) return known;
    brokers = (await (await anybody()).send(metadata, [])).brokers;
    const found = brokers.find((broker) => broker.node === node);
    if (found === undefined) throw unavailable(`there is no broker ${node}`);
    return found;
  };

  const leaderOf = async ({ topic, partition }: TopicPartition): Promise<number> => {
    const known = topics.get(topic) ?? (await learn(topic));
    const leader = known?.partitions.find((one) => one.partition === partition)?.leader ?? -1;
    if (leader >= 0) return leader;
    topics.delete(topic);
    throw unavailable(`${topic} ${partition} has no leader now`);
  };

  const coordinatorOf = async (kind: CoordinatorKind, key: string): Promise<Broker> => {
    const known = coordinators.get(`${kind} ${key}`);
    if (known !== undefined) return known;
    const found = await (await anybody()).send(findCoordinator, { kind, key });
    if (found !== undefined && forbidden.has(found.error)) {
      throw new DownlinkError('kafka-refused', `the ${kind} ${key}: not authorised (error ${found.error})`);
    }
    if (found?.error !== 0)
      throw unavailable(`there is no ${kind} coordinator for ${key} now (error ${found?.error ?? '?'})`);
    coordinators.set(`${kind} ${key}`, found);
    return found;
  };

  const linkTo = async (target: Target): Promise<Link> => {
    if (target === 'anybody') return anybody();
    if ('coordinator' in target) return linkAt(await coordinatorOf(target.coordinator, target.key));
    return linkAt(await brokerOf('node' in target ? target.node : await leaderOf(target.leaderOf)));
  };

  return {
    linkTo,
    leaderOf,
    send: async (target, api, request, timeoutMs) => (await linkTo(target)).send(api, request, timeoutMs),
    partitionsOf: async (topic) => (topics.get(topic) ?? (await learn(topic)))?.partitions.length ?? 0,
    nodes: async () => {
      brokers = (await (await anybody()).send(metadata, [])).brokers;
      return brokers.map(({ node }) => node);
    },
    forgetLeader: ({ topic }) => topics.delete(topic),
    forgetCoordinator: (kind, key) => coordinators.delete(`${kind} ${key}`),
    close: async () => {
      closed = true;
      const open = await Promise.allSettled(links.values());
      for (const link of open) if (link.status === 'fulfilled') await link.value.close();
    },
  };
}

function addressOf(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}
