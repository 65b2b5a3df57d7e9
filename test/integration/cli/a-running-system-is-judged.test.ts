import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { startWatched, type WatchedSystem } from './watched-system.ts';

interface Figures {
  readonly total: object;
  readonly entities: readonly object[];
  readonly leftOut: readonly string[];
  readonly gate: { readonly because: readonly string[] };
}

describeWith('kafka', 'what detect told of a running system', ({ bootstrap }) => {
  let system: WatchedSystem;
  let folder = '';
  const labels = () => join(folder, 'labels.csv');
  const figures = (out: readonly string[]) => JSON.parse(out.join('\n')) as Figures;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'downlink-judged-'));
    writeFileSync(labels(), 'chan_id,anomaly_sequences,class\nA-1,"[[1990, 2080], [2300, 2310]]","[point, point]"\n');
    system = await startWatched(bootstrap);
  }, 60_000);
  afterAll(async () => {
    await system.close();
    rmSync(folder, { recursive: true });
  });

  test('is judged by the labels of its telemetry or of a file, as it goes on and afterwards', async () => {
    const none = await system.downlink('evaluate');
    expect([none.code, none.err.at(-2)]).toEqual([1, expect.stringContaining('nothing is labelled')]);

    const live = system.begin('evaluate', '--live', '--metrics-port', '0', '--json');
    await eventually('it serves', () => live.err().some((line) => line.includes('/metrics')), 10_000);
    const url = /http:\S+metrics/.exec(live.err().join(' '))?.[0] ?? '';
    // One stretch is labelled where it is; of another label nothing is to be found.
    await system.sendTelemetry('A-1', (row) =>
      (row >= 1_990 && row <= 2_080) || (row >= 2_300 && row <= 2_310) ? ['point'] : [],
    );
    await system.sendScores();
    await system.detect();
    const metric = async (name: string) =>
      (await (await fetch(url)).text()).split('\n').find((line) => line.startsWith(`downlink_evaluation_${name}`));
    await eventually('it is counted', async () => (await metric('outcomes{'))?.endsWith(' 1') === true, 20_000);
    expect(await metric('labels{')).toBe('downlink_evaluation_labels{satellite_id="S",entity="A-1"} 2');
    live.stop();
    // A label in one place is hit by luck, too, in one of so many draws: the exit code is that of the gate.
    expect(await live.ended).toBe(1);

    const judged = await system.downlink('evaluate', '--json', '--out', folder);
    expect(judged.code).toBe(1);
    const { total, entities, leftOut, gate } = figures(judged.out);
    expect(gate.because.join()).toMatch(/^Its strict F1, 0\.667, is not above that of (random|rotated) alarms/);
    expect(total).toMatchObject({
      rows: 2_400,
      labels: 2,
      events: { found: 1, wrong: 0, missed: 1 },
      onsets: { found: 1, wrong: 0, missed: 1 },
    });
    expect(entities).toEqual([expect.objectContaining({ entity: 'S/A-1' })]);
    expect(leftOut).toEqual([expect.stringContaining('The EWMA rule is left out')]);
    expect(judged.err).toContain('S/A-2 is left out: it has no labels');
    expect(figures(live.out())).toEqual(figures(judged.out));
    expect(readFileSync(join(folder, 'S-A-1.svg'), 'utf8')).toContain('<svg');

    expect(figures((await system.downlink('evaluate', '--json', '--labels', labels())).out)).toEqual(
      figures(judged.out),
    );
    // The second half is 1,000 rows; each is a second.
    const late = await system.downlink(
      'evaluate',
      '--json',
      '--from',
      '1970-01-01T00:23:20Z',
      '--until',
      '1970-01-01T00:36:40Z',
    );
    expect(figures(late.out).total).toMatchObject({ rows: 800, labels: 1, events: { found: 1, missed: 0 } });
    const above = await system.downlink('evaluate', '--json', '--score-above', '0.1');
    expect(figures(above.out).total).toMatchObject({ alarms: 1, rowsInAlarm: 60 });
    expect(
      figures((await system.downlink('evaluate', '--json', '--score-above', 'threshold')).out).total,
    ).toMatchObject({ alarms: 0 });
    expect(await system.downlink('evaluate', '--data', folder, '--live')).toMatchObject({
      code: 2,
      err: expect.arrayContaining([expect.stringContaining("'--data <dir>' cannot be used with option '--live'")]),
    });
  }, 60_000);
});
