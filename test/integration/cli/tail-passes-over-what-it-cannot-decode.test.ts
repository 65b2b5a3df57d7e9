import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openRegistry } from '../../../src/avro/registry.ts';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { freePorts } from '../../support/free-port.ts';
import { openScoredLog, scoresOf, type ScoredLog } from '../../support/scored-log.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'tail', ({ bootstrap }) => {
  const prefix = topicName('tail-odd');
  let scored: ScoredLog;
  let registry: RunningRegistry | undefined;
  beforeAll(async () => {
    scored = await openScoredLog(bootstrap, prefix);
  });
  afterAll(() => Promise.all([registry?.close(), scored.close()]));

  test('says in a line what it passes over, and waits for a registry that is away', async () => {
    const [port = 0] = await freePorts(1);
    const env = { ...scored.env, DOWNLINK_REGISTRY: `http://127.0.0.1:${port}` };
    const tail = scored.begin(['tail', '--topology', scored.file], env);
    await eventually('it has begun', () => tail.err().length === 1);
    const whole = scored.encode(scoresOf('A-1', 1, [0.25]));
    await scored.log.write(`${prefix}.scores`, [['no record', whole.subarray(0, -1), whole]]);
    await eventually('the registry was asked', () => tail.err().length === 3);
    // The same schemas in the same order have the same ids.
    registry = await startRegistry({ log: memoryLog(), port });
    await registerSchemas(scored.topology, openRegistry({ url: registry.url }));
    await eventually('the record behind them', () => tail.out().length === 1);
    tail.stop();
    expect(await tail.ended).toBe(0);
    expect(tail.out()[0]).toContain('SAT-001/A-1         1');
    const at = `${prefix}.scores 0`;
    expect(tail.err().slice(1)).toEqual([
      `${at}:0: record-unframed: the first byte is 110, not 0; passed over`,
      expect.stringMatching(`^${at}:1: registry-unavailable: .*; it is asked for again until there is an answer$`),
      `${at}:1: record-corrupt: the record is cut short, or a size in it is wrong; passed over`,
    ]);
  });
});
