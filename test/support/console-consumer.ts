import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaJars, kafkaVersion } from './kafka.ts';

const run = promisify(execFile);

export interface ConsoleRecord {
  readonly partition: number;
  readonly value: string;
}

/** What Kafka's own Java consumer reads of a topic, from its beginning until nothing more comes. */
export async function readByJava(bootstrap: string, topic: string, quietMs = 8_000): Promise<ConsoleRecord[]> {
  const jars = await kafkaJars(kafkaVersion);
  const tool = ['-cp', join(jars, '*'), 'org.apache.kafka.tools.consumer.ConsoleConsumer'];
  const what = [
    '--bootstrap-server',
    bootstrap,
    '--topic',
    topic,
    '--from-beginning',
    '--isolation-level',
    'read_committed',
  ];
  const form = ['--timeout-ms', String(quietMs), '--formatter-property', 'print.partition=true'];
  const { stdout } = await run('java', ['-Xmx128m', ...tool, ...what, ...form], {
    maxBuffer: 2 ** 28,
    timeout: 180_000,
  });
  return stdout.split('\n').flatMap((line) => {
    const [, partition, value] = /^Partition:(\d+)\t(.*)$/.exec(line) ?? [];
    return partition === undefined || value === undefined ? [] : [{ partition: Number(partition), value }];
  });
}
