import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaJars, kafkaVersion } from './kafka.ts';

const run = promisify(execFile);

/** 2 is KIP-890's form of transactions, 1 the one before. */
export async function setTransactionVersion(
  bootstrap: string,
  how: 'upgrade' | 'downgrade',
  version: 1 | 2,
): Promise<void> {
  const tool = ['-cp', join(await kafkaJars(kafkaVersion), '*'), 'org.apache.kafka.tools.FeatureCommand'];
  await run('java', [...tool, '--bootstrap-server', bootstrap, how, '--feature', `transaction.version=${version}`]);
}
