import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate, type Evaluation } from '../../src/evaluation/evaluate.ts';
import { randomAlarms } from '../../src/evaluation/rivals/random-alarms.ts';
import type { Series } from '../../src/evaluation/series.ts';
import { labeledAnomalies } from '../../src/replay/labels.ts';
import { openNpy } from '../../src/replay/npy.ts';
import { watchChannel } from '../stages/detect/watched-channel.ts';
import { seeded } from '../support/random.ts';

const data = process.env['DOWNLINK_TEST_SMAP'];

if (data === undefined)
  process.stderr.write('skipped: set DOWNLINK_TEST_SMAP to the SMAP data set (train/, test/, labeled_anomalies.csv)\n');

async function columnOf(split: 'train' | 'test', channel: string): Promise<Float32Array> {
  const table = await openNpy(join(data ?? '', split, `${channel}.npy`));
  const values = await table.read(0, table.rows);
  await table.close();
  return Float32Array.from({ length: table.rows }, (_, row) => values[row * table.columns] ?? NaN);
}

async function smap(): Promise<Series[]> {
  const file = join(data ?? '', 'labeled_anomalies.csv');
  const all: Series[] = [];
  for (const [entity, labels] of labeledAnomalies(file, readFileSync(file, 'utf8'))) {
    const [training, telemetry] = [await columnOf('train', entity), await columnOf('test', entity)];
    const { flags } = watchChannel([...training], [...telemetry]);
    all.push({ entity, rows: telemetry.length, labels, flags, telemetry, training });
  }
  return all;
}

(data === undefined ? describe.skip : describe)('the rules R, Q and D on SMAP', () => {
  let all: readonly Series[] = [];
  let evaluation: Evaluation;
  beforeAll(async () => {
    all = await smap();
    evaluation = evaluate(all);
  }, 120_000);
  const rival = (name: string) => evaluation.rivals.find((one) => one.name === name);

  test('are counted as their facts say', () => {
    const { total } = evaluation;
    expect(total).toMatchObject({ rows: 435_826, labels: 69, alarms: 80 });
    expect(total.events).toMatchObject({ found: 59, wrong: 4, missed: 10 });
    expect(total.onsets).toMatchObject({ found: 58, wrong: 4, missed: 11 });
    expect([total.events.f1?.toFixed(3), total.events.fHalf?.toFixed(3)]).toEqual(['0.894', '0.919']);
    expect(total.timeInAlarm?.toFixed(3)).toBe('0.030');
    expect([total.delay.p50, total.delay.p90].map((rows) => Math.round(rows ?? 0))).toEqual([48, 154]);
  });

  test('stand beside others that are counted as the facts say', () => {
    expect(rival('EWMA rule')).toMatchObject({
      events: { found: 35, wrong: 0, missed: 34 },
      onsets: { found: 34, wrong: 0, missed: 35 },
    });
    expect(rival('EWMA rule')?.timeInAlarm.toFixed(3)).toBe('0.032');
    expect(rival('everything')).toMatchObject({
      events: { found: 69, wrong: 0, missed: 0 },
      onsets: { found: 0, wrong: 54 },
      strictF1: { max: 0 },
    });
    // The draws of the facts were others.
    const near = (value: number | undefined, fact: number, by: number) =>
      expect(Math.abs((value ?? NaN) - fact)).toBeLessThan(by);
    const [rotated, random] = [rival('rotated alarms'), rival('random alarms')];
    near(rotated?.events.found, 11, 2);
    near(rotated?.events.wrong, 65, 4);
    near(rotated?.eventF1.mean, 0.149, 0.02);
    near(random?.events.found, 9, 2);
    near(random?.events.wrong, 69, 4);
    near(random?.eventF1.mean, 0.116, 0.03);
  });

  test('pass the gate, which random alarms and everything do not', () => {
    expect(evaluation.gate).toMatchObject({ passed: true, because: [] });
    const everything = evaluate(all.map((series) => ({ ...series, flags: new Uint8Array(series.rows).fill(1) })));
    expect(everything.total.events.f1).toBe(1);
    expect(everything.gate.passed).toBe(false);
    const draw = seeded(9);
    const random = evaluate(all.map((series) => ({ ...series, flags: randomAlarms(series.flags, draw) })));
    expect(random.gate.passed).toBe(false);
  }, 120_000);
});
