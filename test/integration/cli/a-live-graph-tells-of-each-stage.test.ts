import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { openTransactionalWriter } from '../../../src/kafka/writer/transactional-writer.ts';
import { deadLetter } from '../../../src/runner/dead-letter.ts';
import { describeWith } from '../../support/describe-with.ts';
import { openScoredLog, type ScoredLog } from '../../support/scored-log.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a live graph', ({ bootstrap }) => {
  const prefix = topicName('live');
  const topic = `${prefix}.batches`;
  let scored: ScoredLog;
  beforeAll(async () => {
    scored = await openScoredLog(bootstrap, prefix);
  });
  afterAll(() => scored.close());

  test('has rate, lag, members and dead letters at each stage', async () => {
    const writer = openTransactionalWriter(scored.log.cluster, { transactionalId: `${prefix}-writer` });
    await writer.fence();
    const transact = async (records: number, offset: number): Promise<void> => {
      const own = Array.from({ length: records }, () => ({ key: 'k', value: 'v', timestamp: Date.now() }));
      const offsets = {
        group: `${prefix}.looked-at.infer`,
        offsets: [{ topic, partition: 0, offset: BigInt(offset) }],
      };
      const batch = records > 0 ? [{ topic, partition: 0, records: own }] : [];
      expect(await writer.transact({ records: batch, offsets })).toEqual({ end: 'committed' });
    };
    for (let at = 0; at < 60; at++) await transact(1, 0);
    const [first] = await scored.log.records(topic, 0);
    if (first === undefined) throw new Error('there is no record');
    const letter = deadLetter(
      first,
      { stage: 'infer', topic, partition: 0 },
      { code: 'sample-late', phase: 'process', detail: '' },
    );
    await writer.transact({ records: [{ topic: `${prefix}.dead`, partition: 0, records: [letter] }] });

    const graph = scored.begin(['topology', 'graph', scored.file, '--live', '--mermaid']);
    await delay(1_000);
    // Sixty records and the ends of sixty transactions: 120 offsets, of which the last six are left.
    await transact(0, 114);
    expect([await graph.ended, graph.err()]).toEqual([0, []]);
    const [, rate, lag] =
      /([\d.]+) records\/s<\/small><br\/><small>lag (\d+) records, [\d.]+ s</.exec(graph.out().join()) ?? [];
    expect(graph.out().join()).toContain('<small>no members, 1 dead letter</small>');
    expect(graph.out()[1]).toMatch(/^title: looked-at at 20\d\d-/);
    expect(Number(lag)).toBe(6);
    // 57 records in two seconds, or somewhat more on a busy machine; by offsets it were twice that.
    expect(Number(rate)).toBeGreaterThan(5);
    expect(Number(rate)).toBeLessThan(30);
  });
});
