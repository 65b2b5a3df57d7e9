import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Records } from '../../../src/contract/index.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { validRecords } from '../../support/samples.ts';
import { openScoredLog, scoresOf, type ScoredLog } from '../../support/scored-log.ts';
import { topicName } from '../../support/topic-name.ts';

type Anomaly = Records['anomaly'];

const minute = 1_767_225_600_000;
const anomaly = (phase: Anomaly['phase'], more: Partial<Anomaly> = {}): Anomaly => ({
  ...validRecords.anomaly,
  ...{
    id: 'SAT-001/A-1:RD:2',
    entity: 'A-1',
    phase,
    begin_time: minute + 60_000,
    rules: ['too-busy', 'unusual-shape'],
  },
  ...{ sentence: 'hot moves 2.1 × the most', severity: 1.25, peak_severity: 2.5 },
  ...{ sensors: ['hot', 'cold', 'still', 'wet'].map((sensor) => ({ sensor, share: 0.25 })) },
  ...{ told_time: minute + 60_000, state_before: null },
  ...more,
});
const story = [
  anomaly('opened', { state_before: Buffer.alloc(12) }),
  anomaly('updated', { told_time: minute + 3_000_000 }),
  anomaly('closed', { told_time: minute + 6_000_000, severity: 0 }),
];
const opened =
  '2026-01-01T00:01:00.000Z  SAT-001/A-1  OPENED  severity 1.25  too-busy, unusual-shape  hot moves 2.1 × the most  hot 25 %, cold 25 %, still 25 %, … 1 more  SAT-001/A-1:RD:2';
const closed = opened.replace('00:01:00', '01:40:00').replace('OPENED  severity 1.25', 'CLOSED  severity at most 2.50');

describeWith('kafka', 'tail of a topology that detects', ({ bootstrap }) => {
  const prefix = topicName('tail-anomalies');
  let scored: ScoredLog;
  beforeAll(async () => {
    scored = await openScoredLog(bootstrap, prefix, true);
  });
  afterAll(() => scored.close());

  const begin = async (...more: readonly string[]) => {
    const tail = scored.begin(['tail', '--topology', scored.file, ...more], scored.env, more.includes('earliest'));
    await eventually('it has begun', () => tail.err().length > 0);
    return tail;
  };

  test('tells between the samples which opened and which closed', async () => {
    const tail = await begin('--entity', 'A-1');
    expect(tail.err()).toEqual([`following ${prefix}.scores, ${prefix}.anomalies, 4 partitions; ^C ends it`]);
    const lines = (count: number) => eventually(`${count} lines`, () => tail.out().length === count);
    await scored.score(0, scoresOf('A-1', 1, [0.25]));
    await lines(1);
    await scored.tell(0, ...story.slice(0, 2), { ...anomaly('opened'), entity: 'A-2' });
    await lines(2);
    await scored.score(0, scoresOf('A-1', 2, [4]));
    await lines(3);
    await scored.tell(0, ...story.slice(2));
    await lines(4);
    tail.stop();
    expect(await tail.ended).toBe(0);
    expect(tail.out()[1]).toBe(opened);
    expect(tail.out()[2]).toContain('DETECTED');
    expect(tail.out()[3]).toBe(closed);
  });

  test('shows them beside what was detected, opened in red and closed in green, and counts them', async () => {
    const tail = await begin('--from', 'earliest', '--detected', '--limit', '4');
    expect(await tail.ended).toBe(0);
    const red = '\u001b[1;31m';
    const told = tail.out().filter((line) => line.includes('severity'));
    expect(told).toContain(`${red}${opened}\u001b[0m`);
    expect(told).toContain(`\u001b[1;32m${closed}\u001b[0m`);
    expect(told).toHaveLength(3);
  });

  test('is as JSON an object that says what it is, where its record stands, and where the scores', async () => {
    const tail = await begin('--from', 'earliest', '--detected', '--json', '--entity', 'A-1', '--limit', '3');
    expect(await tail.ended).toBe(0);
    const all = tail.out().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(all.map(({ kind }) => kind).toSorted()).toEqual(['anomaly', 'anomaly', 'sample']);
    const found = all.find(({ phase }) => phase === 'closed');
    const { topic, partition: from, first_offset, last_offset, ...said } = story[2] ?? anomaly('closed');
    const scores = { topic, partition: from, first_offset, last_offset };
    const place = { kind: 'anomaly', time: '2026-01-01T01:40:00.000Z', scores, partition: 0, offset: 3 };
    expect({ ...found, state_before: null }).toEqual({ ...said, ...place });
  });
});
