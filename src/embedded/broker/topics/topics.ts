import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaError, Refused } from '../errors.ts';
import { openPartitionLog, type PartitionLog } from '../log/partition-log.ts';
import { syncFolder } from '../sync-folder.ts';
import { valueOf, type Configs } from './configs.ts';
import { checkTopicName } from './topic-name.ts';

export interface Topic {
  readonly name: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly internal: boolean;
  readonly configs: Configs;
  readonly logs: readonly PartitionLog[];
}

/** What there is to write to and read from. The list is a file; a change is answered when it is on the disk. */
export interface Topics {
  readonly all: Iterable<Topic>;
  find(name: string): Topic | undefined;
  byId(id: string): Topic | undefined;
  /** Throws where there is none. */
  log(name: string, partition: number): PartitionLog;
  /** Throws where it could not be made. */
  checkNew(name: string, partitions: number): void;
  create(name: string, partitions: number, configs: Configs, internal?: boolean): Topic;
  /** All of them or none, with one look at the disk. */
  createAll(names: readonly string[], partitions: number): void;
  /** Throws where there could not be so many. */
  checkMore(name: string, count: number): void;
  addPartitions(name: string, count: number): void;
  configure(name: string, configs: Configs): void;
  remove(name: string): void;
  /** Hears when topics come and go. */
  close(): Promise<void>;
}

interface Listed {
  readonly name: string;
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: number;
  readonly configs: Configs;
}

/** More files than this would not be looked after well by one process. */
const mostPartitions = 10_000;

export interface TopicsOptions {
  readonly folder: string;
  /** What is answered survives the power: names of files, too. */
  readonly durable: boolean;
  readonly note: (line: string) => void;
}

export function openTopics({ folder, durable, note }: TopicsOptions): Topics {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'topics.json');
  const topics = new Map<string, Topic>();
  const listed: readonly Listed[] = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Listed[]) : [];

  const save = (): void => {
    const list = [...topics.values()].map(({ name, id, internal, configs, logs }): Listed => ({
      name,
      id,
      internal,
      configs,
      partitions: logs.length,
    }));
    writeFileSync(`${file}.new`, JSON.stringify(list, null, 1), { flush: true });
    renameSync(`${file}.new`, file);
    if (durable) syncFolder(folder);
  };
  /** What cannot be written down has not been done. */
  const saveOr = (undo: () => void): void => {
    try {
      save();
    } catch (thrown) {
      undo();
      throw new Refused(kafkaError.storageError, `the list of topics cannot be written: ${String(thrown)}`);
    }
  };
  // A name is used again for other records: the id keeps them apart.
  const openLog = (name: string, id: string, partition: number): PartitionLog =>
    openPartitionLog({
      folder: join(folder, `${name}-${partition}.${id.slice(0, 8)}`),
      settings: () => {
        const configs = topics.get(name)?.configs ?? {};
        return {
          segmentBytes: Number(valueOf(configs, 'segment.bytes')),
          segmentMs: Number(valueOf(configs, 'segment.ms')),
          logAppendTime: valueOf(configs, 'message.timestamp.type') === 'LogAppendTime',
        };
      },
      note,
    });
  const open = ({ name, id, internal, partitions, configs }: Listed): Topic => {
    const logs = Array.from({ length: partitions }, (_, partition) => openLog(name, id, partition));
    const topic = { name, id, internal, configs, logs };
    topics.set(name, topic);
    return topic;
  };
  for (const one of listed) open(one);

  const known = (name: string): Topic => {
    const topic = topics.get(name);
    if (topic === undefined) throw new Refused(kafkaError.unknownTopicOrPartition, `there is no topic ${name}`);
    return topic;
  };
  const room = (more: number): void => {
    const count = [...topics.values()].reduce((sum, { logs }) => sum + logs.length, 0);
    if (count + more > mostPartitions)
      throw new Refused(kafkaError.invalidPartitions, `this broker has at most ${mostPartitions} partitions`);
  };
  const checkNew = (name: string, partitions: number): void => {
    checkTopicName(name);
    if (topics.has(name)) throw new Refused(kafkaError.topicAlreadyExists, `Topic '${name}' already exists.`);
    if (partitions < 1) throw new Refused(kafkaError.invalidPartitions, 'Number of partitions must be larger than 0.');
    room(partitions);
  };
  const make = (names: readonly string[], more: Omit<Listed, 'name' | 'id'>): readonly Topic[] => {
    for (const name of names) checkNew(name, more.partitions);
    room(names.length * more.partitions);
    const made = names.map((name) => open({ name, id: randomUUID().replaceAll('-', ''), ...more }));
    saveOr(() => {
      for (const { name, logs } of made) {
        topics.delete(name);
        for (const log of logs) log.remove();
      }
    });
    return made;
  };
  const checkMore = (name: string, count: number): void => {
    const { length } = known(name).logs;
    if (count <= length)
      throw new Refused(
        kafkaError.invalidPartitions,
        `Topic currently has ${length} partitions, and ${count} would not be more.`,
      );
    room(count - length);
  };

  return {
    get all() {
      return topics.values();
    },
    find: (name) => topics.get(name),
    byId: (id) => [...topics.values()].find((one) => one.id === id),
    log: (name, partition) => {
      const log = known(name).logs[partition];
      if (log === undefined)
        throw new Refused(kafkaError.unknownTopicOrPartition, `${name} has no partition ${partition}`);
      return log;
    },
    checkNew,
    create: (name, partitions, configs, internal = false) => {
      const [topic] = make([name], { partitions, configs, internal });
      return topic as Topic;
    },
    createAll: (names, partitions) => {
      make(names, { partitions, configs: {}, internal: false });
    },
    checkMore,
    addPartitions: (name, count) => {
      checkMore(name, count);
      const topic = known(name);
      const { length } = topic.logs;
      const more = Array.from({ length: count - length }, (_, at) => openLog(name, topic.id, length + at));
      topics.set(name, { ...topic, logs: [...topic.logs, ...more] });
      saveOr(() => {
        topics.set(name, topic);
        for (const log of more) log.remove();
      });
    },
    configure: (name, configs) => {
      const before = known(name);
      topics.set(name, { ...before, configs });
      saveOr(() => topics.set(name, before));
    },
    remove: (name) => {
      const topic = known(name);
      topics.delete(name);
      saveOr(() => topics.set(name, topic));
      for (const log of topic.logs) log.remove();
    },
    close: async () => {
      await Promise.all([...topics.values()].flatMap(({ logs }) => logs.map((log) => log.close())));
    },
  };
}
