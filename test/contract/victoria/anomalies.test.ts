import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Outcome, Records, SeriesBlock } from '../../../src/contract/index.ts';
import { openVictoria } from '../../../src/sinks/victoria/sink.ts';
import { openReport } from '../../../src/stages/report/stage.ts';
import { inRecords, levels, toldOf } from '../../pipeline/anomalies/busy-stretches.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { exported } from '../../support/victoria.ts';

type Anomaly = Records['anomaly'];

const never = new AbortController().signal;
const noon = Date.UTC(2024, 0, 1, 12);
const entity = `e-${randomBytes(4).toString('hex')}`;

/** As detect tells it, of this entity, on a day that is long ago. */
const onThatDay = (one: Anomaly): Anomaly => ({
  ...one,
  entity,
  begin_time: noon + one.begin_time,
  end_time: noon + one.end_time,
  told_time: noon + (one.told_time ?? NaN),
  severities: one.severities.map((each) => ({ ...each, time: noon + each.time })),
});

describeWith('victoria', 'anomalies in a real VictoriaMetrics', ({ url }) => {
  const events = declaredEvents();

  test('stand there once however often they come, are read back, and say at any time what was open then', async () => {
    const found = toldOf(inRecords(levels(3_000, 2_000, 2_300), 8)).map((phases) => phases.map(onThatDay));
    expect(found.map((phases) => phases.at(-1)?.phase)).toEqual(['closed', 'closed']);
    const records = found.flat().map((value, at) => ({ key: null, value, offset: BigInt(at), timestamp: 0 }));
    const { send } = openReport().process({ records, behind: 0n }, never) as Outcome<SeriesBlock, never>;
    const limits = { readBackMs: 100, readBackAfterMs: 0 };
    const sink = openVictoria({ address: url, stage: 'report', emit: events.emit, limits });
    await sink.write(send.slice(-1), never);
    await fetch(`${url}/internal/force_flush`);
    const last = send.at(-1)?.value.series.length;
    await eventually('it is read back', () => events.of('sink-read-back').find(({ values }) => values === last));
    await sink.write(send, never);
    await sink.write(send.slice(1), never);
    await sink.close();
    await fetch(`${url}/internal/force_flush`);

    const times = [...(await exported(url, `smap_anomaly_open{entity="${entity}"}`)).values()].flat();
    expect(times.map(({ timestamp }) => timestamp)).toEqual(found.flat().map(({ told_time }) => told_time));
    const openAt = async (ms: number): Promise<string | undefined> => {
      const query = `last_over_time(smap_anomaly_open{entity="${entity}"}[7d])`;
      const asked = new URLSearchParams({ query, time: `${ms / 1000}`, nocache: '1' });
      const { data } = (await (await fetch(`${url}/api/v1/query?${asked.toString()}`)).json()) as {
        data: { result: readonly { value: readonly [number, string] }[] };
      };
      return data.result[0]?.value[1];
    };
    const [first, second] = found.map((phases) => [phases[0]?.begin_time ?? 0, phases.at(-1)?.told_time ?? 0] as const);
    if (first === undefined || second === undefined) throw new Error('there are not two');
    const seen = [first[0] - 1, ...first, second[0] - 1, ...second, second[1] + 86_400_000];
    expect(await Promise.all(seen.map(openAt))).toEqual([undefined, '1', '0', '0', '1', '0', '0']);
  });
});
