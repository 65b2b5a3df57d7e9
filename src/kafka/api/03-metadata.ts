import type { Api } from './api.ts';

export interface Broker {
  readonly node: number;
  readonly host: string;
  readonly port: number;
}

export interface Metadata {
  readonly brokers: readonly Broker[];
  readonly topics: readonly TopicMetadata[];
}

export interface TopicMetadata {
  readonly topic: string;
  readonly error: number;
  readonly partitions: readonly { readonly partition: number; readonly error: number; readonly leader: number }[];
}

export const metadata: Api<readonly string[], Metadata> = {
  key: 3,
  name: 'Metadata',
  versions: { min: 9, max: 9 },
  flexible: true,
  write(out, topics) {
    out.compactArray(topics, (topic) => out.compactString(topic).noTags());
    // Nothing is created by asking, and nobody wants to hear of rights.
    out.bool(false).bool(false).bool(false).noTags();
  },
  read(answer) {
    answer.throttle();
    const brokers = answer.compactArray((): Broker => {
      const broker = { node: answer.int32(), host: answer.compactString() ?? '', port: answer.int32() };
      answer.compactString(); // rack
      answer.tags();
      return broker;
    });
    answer.compactString(); // cluster
    answer.int32(); // controller
    const topics = answer.compactArray((): TopicMetadata => {
      const [error, topic] = [answer.int16(), answer.compactString() ?? ''];
      answer.bool(); // internal
      const partitions = answer.compactArray(() => {
        const found = { error: answer.int16(), partition: answer.int32(), leader: answer.int32() };
        answer.int32(); // leader epoch
        for (let lists = 0; lists < 3; lists++) answer.compactArray(() => answer.int32()); // replicas, in sync, offline
        answer.tags();
        return found;
      });
      answer.int32(); // rights
      answer.tags();
      return { topic, error, partitions };
    });
    return { brokers, topics };
  },
};
