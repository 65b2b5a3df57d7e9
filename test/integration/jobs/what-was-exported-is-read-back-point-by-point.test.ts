import { expect, test } from '@jest/globals';
import { openSeriesHistory } from '../../../src/sinks/victoria/series-history.ts';
import { describeWith } from '../../support/describe-with.ts';

describeWith('victoria', 'a real VictoriaMetrics', ({ url }) => {
  test('answers with each point between two times, of the series that was asked for', async () => {
    const began = Date.now() - 3_600_000;
    const timestamps = Array.from({ length: 2_000 }, (_, at) => began + 1_000 * at);
    const lineOf = (entity: string, scale: number): string =>
      JSON.stringify({
        metric: { __name__: 'smap_anomaly_score', satellite_id: 'SAT-1"x', entity },
        values: timestamps.map((_, at) => scale * at),
        timestamps,
      });
    await fetch(`${url}/api/v1/import`, { method: 'POST', body: `${lineOf('h-1', 0.5)}\n${lineOf('h-2', 2)}\n` });
    await fetch(`${url}/internal/force_flush`);
    const history = openSeriesHistory(url);
    const labels = { satellite_id: 'SAT-1"x', entity: 'h-1' };
    const [scores, none] = await history.of(
      ['smap_anomaly_score', 'nothing'],
      labels,
      began + 10_000,
      began + 1_009_000,
    );
    expect(scores?.timestamps).toEqual(timestamps.slice(10, 1_010));
    expect(scores?.values.slice(0, 3)).toEqual([5, 5.5, 6]);
    expect(none).toEqual({ timestamps: [], values: [] });
  });
});

test('where nobody answers the failure is one of waiting', async () => {
  await expect(openSeriesHistory('http://127.0.0.1:9').of(['x'], {}, 0, 1)).rejects.toMatchObject({
    code: 'victoria-unavailable',
  });
});
