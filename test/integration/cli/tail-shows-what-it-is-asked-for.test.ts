import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { openScoredLog, scoresOf, type ScoredLog } from '../../support/scored-log.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'tail', ({ bootstrap }) => {
  let scored: ScoredLog;
  beforeAll(async () => {
    scored = await openScoredLog(bootstrap, topicName('tail-chosen'));
    await scored.score(
      0,
      scoresOf('A-1', 0, [0.1, 0.2, 3]),
      scoresOf('A-2', 0, [5, 0.1]),
      scoresOf('A-1', 3, [0.3, 4]),
    );
  });
  afterAll(() => scored.close());

  const lines = async (...more: readonly string[]): Promise<readonly string[]> => {
    const tail = scored.begin(['tail', '--topology', scored.file, '--from', 'earliest', ...more], scored.env, true);
    expect(await tail.ended).toBe(0);
    return tail.out();
  };

  test('shows some entities, only what was detected, and as JSON where a sample stands', async () => {
    const found = (await lines('--entity', 'A-1', '--detected', '--json', '--limit', '2')).map(
      (line) => JSON.parse(line) as unknown,
    );
    const sample = {
      kind: 'sample',
      satellite_id: 'SAT-001',
      entity: 'A-1',
      threshold: 0.5,
      detected: true,
      warming: false,
      gap: false,
    };
    const sensors = [
      { sensor: 'hot', share: 0.75 },
      { sensor: 'cold', share: 0.25 },
    ];
    expect(found).toEqual([
      {
        ...sample,
        time: '2026-01-01T00:01:00.000Z',
        timestamp: 1_767_225_660_000,
        index: 2,
        score: 3,
        sensors,
        partition: 0,
        offset: 0,
      },
      {
        ...sample,
        time: '2026-01-01T00:02:00.000Z',
        timestamp: 1_767_225_720_000,
        index: 4,
        score: 4,
        sensors,
        partition: 0,
        offset: 2,
      },
    ]);
  });

  test('ends after so many lines, in the middle of a record', async () => {
    expect((await lines('--entity', 'SAT-001/A-2', '--entity', 'A-1', '--limit', '4')).map(indexOf)).toEqual([
      'A-1 0',
      'A-1 1',
      'A-1 2',
      'A-2 0',
    ]);
  });

  test('begins at a time of the records', async () => {
    const began = new Date(Date.now() + 5).toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await scored.score(1, scoresOf('A-2', 100, [0.1]));
    expect((await lines('--from', began, '--limit', '1')).map(indexOf)).toEqual(['A-2 100']);
  });

  test('colours what was detected on a screen, unless nobody wants that', async () => {
    const [plain, coloured] = await lines('--entity', 'A-1', '--limit', '3').then((all) => all.slice(1));
    expect([plain?.includes('\u001b'), coloured?.startsWith('\u001b[1;31m2026')]).toEqual([false, true]);
    scored = { ...scored, env: { ...scored.env, NO_COLOR: '1' } };
    expect((await lines('--detected', '--limit', '1'))[0]).not.toContain('\u001b');
  });
});

const indexOf = (line: string): string => line.replace(/^.*SAT-001\/(A-\d) +(\d+) .*$/s, '$1 $2');
