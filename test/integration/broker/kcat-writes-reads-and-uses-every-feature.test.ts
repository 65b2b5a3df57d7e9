import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startEmbeddedKafka, type EmbeddedKafka } from '../../support/embedded-kafka.ts';
import { findKcat, type Kcat } from '../../support/kcat.ts';

const found = findKcat();
const lines = Array.from({ length: 500 }, (_, i) => `line ${i}`);

const tests = (): void => {
  const kcat = found as Kcat;
  let broker: EmbeddedKafka;
  beforeAll(async () => {
    broker = await startEmbeddedKafka();
  }, 30_000);
  afterAll(() => broker.stop());

  test('librdkafka uses all that it knows, and hands records on with each codec', async () => {
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      const at = ['-b', broker.bootstrap, '-t', `kcat-${codec}`];
      const settings = ['-X', 'enable.idempotence=true', '-X', 'debug=feature'];
      const { told } = await kcat([...at, '-P', '-z', codec, ...settings], lines.join('\n'));
      expect(told).toMatch(/Enabling feature/);
      expect(told).not.toMatch(/Disabling feature|: NOT supported/);
      const { out } = await kcat([...at, '-C', '-e', '-q', '-o', 'beginning']);
      expect(out.trim().split('\n')).toEqual(lines);
    }
  }, 60_000);

  test('a group of it reads on where it left off', async () => {
    await kcat(['-b', broker.bootstrap, '-t', 'grouped', '-P'], lines.join('\n'));
    const group = ['-b', broker.bootstrap, '-X', 'auto.offset.reset=earliest', '-q'];
    const first = await kcat([...group, '-c', '200', '-G', 'kcats', 'grouped']);
    const second = await kcat([...group, '-c', '300', '-G', 'kcats', 'grouped']);
    expect(`${first.out}${second.out}`.trim().split('\n')).toEqual(lines);
  }, 60_000);
};

if ('missing' in found) describe.skip(`kcat, skipped: ${found.missing}`, tests);
else describe("Debian's kcat on the embedded broker", tests);
