import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../src/cli/run.ts';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { read } from '../../../src/kafka/reader/read.ts';
import { declarations } from '../../../src/pipeline/declarations.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { describeWith } from '../../support/describe-with.ts';
import { openReading, type Reading } from '../../support/smap-reading.ts';
import { createTopics, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

const topologyFile = join(import.meta.dirname, '..', '..', '..', 'topologies', 'smap.yaml');

describeWith('kafka', 'a replay', ({ bootstrap }) => {
  let [folder, registry, reading]: [string, RunningRegistry?, Reading?] = [''];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'downlink-replay-'));
    registry = await startRegistry({ log: memoryLog() });
    reading = openReading(bootstrap);
  });
  afterAll(async () => {
    await Promise.all([registry?.close(), reading?.close()]);
    rmSync(folder, { recursive: true });
  });

  /** Into a topic of its own; answers exit code, table and what was said. */
  async function replaying(prefix: string) {
    const file = join(folder, `${prefix}.yaml`);
    const text = readFileSync(topologyFile, 'utf8').replace(/^topology: smap$/m, `$&\nprefix: ${prefix}.`);
    writeFileSync(file, text);
    await createTopics(topologyOf(text, declarations), bootstrap);
    return async (stopAfterMs: number | undefined, ...args: readonly string[]) => {
      let [out, err] = ['', ''];
      const told = new Promise((resolve) => {
        if (stopAfterMs !== undefined) setTimeout(resolve, stopAfterMs);
      });
      const code = await run(
        [
          ...['replay', '--topology', file, '--progress', join(folder, `${prefix}.json`), '--generate', 'smap'],
          ...['--rows', '200', '--start', '2026-01-01T00:00:00Z', ...args],
        ],
        {
          out: (some) => (out += some),
          err: (some) => (err += some),
          env: { DOWNLINK_KAFKA: bootstrap, DOWNLINK_REGISTRY: registry?.url },
          untilToldToStop: () => told,
        },
      );
      return { code, out, err };
    };
  }
  const sent = async (prefix: string): Promise<number> => {
    let count = 0;
    for (let partition = 0; partition < 4; partition++)
      for await (const { size } of read(reading?.fetcher as Reading['fetcher'], {
        topic: `${prefix}.smap-telemetry`,
        partition,
      }))
        count += size > 0 ? 1 : 0;
    return count;
  };

  test('that is stopped says so, and goes on behind what was acknowledged: each row once, the same hashes', async () => {
    const [once, twice] = [topicName('once'), topicName('twice')];
    const whole = await (await replaying(once))(undefined, '--speed', 'max');
    expect(whole).toMatchObject({ code: 0, out: expect.stringContaining('1800 samples of 9 entities') });
    const replay = await replaying(twice);
    const first = await replay(500, '--speed', '3000');
    expect(first).toMatchObject({ code: 1, err: expect.stringContaining('--resume goes on from here') });
    const before = await sent(twice);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(1_800);
    const second = await replay(undefined, '--speed', 'max', '--resume');
    expect(second).toMatchObject({ code: 0, out: whole.out });
    expect(await sent(twice)).toBe(1_800);
    const other = await replay(undefined, '--speed', 'max', '--resume', '--seed', '2');
    expect(other).toMatchObject({
      code: 1,
      err: expect.stringContaining('is of another replay: seed was 1, and is 2'),
    });
  }, 60_000);
});
