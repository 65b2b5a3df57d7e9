import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaJars, kafkaVersion } from './kafka.ts';

const run = promisify(execFile);

/** What one of Kafka's own command line tools prints; fails where it does. */
export async function javaTool(name: string, args: readonly string[], input = ''): Promise<string> {
  const jars = await kafkaJars(kafkaVersion);
  const running = run('java', ['-Xmx256m', '-cp', join(jars, '*'), `org.apache.kafka.tools.${name}`, ...args], {
    maxBuffer: 2 ** 28,
    timeout: 120_000,
  });
  running.child.stdin?.end(input);
  return (await running).stdout;
}
