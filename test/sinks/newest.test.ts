import { expect, test } from '@jest/globals';
import { openNewest } from '../../src/sinks/newest.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { sentBlock } from '../support/series.ts';

test('without an address the newest number of each series stands on /metrics', async () => {
  const metrics = openMetrics();
  const sink = openNewest({ stage: 'export', emit: metrics.listen });
  const never = new AbortController().signal;
  await sink.write(
    [sentBlock('a', [0, 1000]), sentBlock('b', [0, 1000], (_, sample) => (sample === 0 ? 7 : NaN))],
    never,
  );
  await sink.write([sentBlock('a', [2000], () => -1), sentBlock('c', [0], () => NaN)], never);
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('test_'));
  expect(lines.sort()).toEqual([
    'test_score{entity="a"} -1',
    'test_score{entity="b"} 7',
    'test_value{entity="a"} -1',
    'test_value{entity="b"} 7',
  ]);
});
