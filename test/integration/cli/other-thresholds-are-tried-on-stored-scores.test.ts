import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { startWatched, type WatchedSystem } from './watched-system.ts';

interface Plan {
  readonly entities: readonly {
    readonly entity: string;
    readonly alarms: object;
    readonly changes: readonly { readonly change: string; readonly before?: object; readonly after?: object }[];
    readonly told: object;
  }[];
  readonly outcome?: object;
}

describeWith('kafka', 'other settings of detect on stored scores', ({ bootstrap }) => {
  let system: WatchedSystem;
  beforeAll(async () => {
    system = await startWatched(bootstrap);
    await system.sendScores();
    await system.detect();
  }, 60_000);
  afterAll(async () => system.close());

  const plan = async (...args: readonly string[]): Promise<Plan> => {
    const { code, out, err } = await system.downlink('thresholds', 'plan', '--json', ...args);
    expect([code, err]).toEqual([0, []]);
    return JSON.parse(out.join('\n')) as Plan;
  };

  test('tell what would have been told, and change nothing; set, they are what detect goes by', async () => {
    const before = readFileSync(system.file, 'utf8');
    const same = await plan('--set', 'busyFactor=1.3');
    expect(same.entities.map(({ entity, changes, told }) => [entity, changes, told])).toEqual([
      ['S/A-1', [], { all: 1, again: 1 }],
      ['S/A-2', [], { all: 0, again: 0 }],
    ]);
    expect(same.outcome).toBeUndefined();

    const labelled = [...Array(2_400).keys()].map((row) => (row >= 1_990 && row <= 2_080 ? ['point'] : []));
    await system.sendTelemetry('A-1', (row) => labelled[row] ?? []);
    const deaf = ['busyFactor=900', 'quietFactor=900', 'shapeFactor=900', 'errorFactor=900'].flatMap((one) => [
      '--set',
      one,
    ]);
    const none = await plan(...deaf, '--entity', 'A-1');
    expect(none.entities[0]?.changes).toMatchObject([
      { change: 'vanishes', before: { hits: { first: 1_990, last: 2_080 } } },
    ]);
    expect(none.outcome).toEqual({
      before: { found: 1, wrong: 0, missed: 0 },
      after: { found: 0, wrong: 0, missed: 1 },
    });
    const late = await plan(...deaf, '--from', '1970-01-01T00:40:00Z');
    expect(late.entities.map(({ alarms }) => alarms)).toEqual([
      { before: 0, after: 0 },
      { before: 0, after: 0 },
    ]);
    expect(readFileSync(system.file, 'utf8')).toBe(before);

    const { out } = await system.downlink('thresholds', 'plan', ...deaf);
    expect(out).toContainEqual(
      expect.stringMatching(/^ {2}vanishes +row 20\d\d to 2\d\d\d .* hits point 1990 to 2080 +level /),
    );
    expect(out.slice(-4)).toEqual([
      'alarms 1 → 0: 0 appear, 1 vanish, 0 move',
      'labels found 1 → 0, missed 0 → 1, false alarms 0 → 0',
      expect.stringContaining('0 entities from their checkpoint before it, 2 from nothing'),
      'of 1 anomalies that were told in that time, 1 come out again under the settings as they are',
    ]);

    expect((await system.downlink('thresholds', 'apply', ...deaf)).code).toBe(0);
    const after = await plan('--set', 'busyFactor=1.3', '--set', 'errorFactor=1.6');
    expect(after.entities[0]).toMatchObject({ alarms: { before: 0 }, told: { all: 1, again: 0 } });
  }, 60_000);

  test('come to what detect tells that has them from the start, alarm by alarm', async () => {
    const rules = 'rules: [too-quiet, unusual-shape], shapeFactor: 1.2';
    const other = await startWatched(bootstrap, `, ${rules}`);
    try {
      await other.sendScores();
      await other.detect();
      const inWords = (one: Readonly<Record<string, unknown>>) =>
        ['id', 'begin_index', 'end_index', 'rules', 'peak_severity', 'sentence'].map((field) => one[field]);
      const { out } = await other.downlink('anomalies', 'ls', '--entity', 'A-1', '--json');
      const told = out.map((line) => inWords(JSON.parse(line) as Readonly<Record<string, unknown>>)).reverse();
      const planned = await plan(
        '--set',
        'rules=too-quiet,unusual-shape',
        '--set',
        'shapeFactor=1.2',
        '--entity',
        'A-1',
      );
      const [{ alarms, changes } = { alarms: {}, changes: [] }] = planned.entities;
      expect(
        changes.flatMap(({ after }) => (after ? [inWords(after as Readonly<Record<string, unknown>>)] : [])),
      ).toEqual(told);
      // None of them is as it was, so all of them are among the changes.
      expect(alarms).toMatchObject({ after: told.length });
      expect(told.length).toBeGreaterThan(0);
    } finally {
      await other.close();
    }
  }, 60_000);
});
