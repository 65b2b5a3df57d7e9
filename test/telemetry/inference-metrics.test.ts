import { expect, test } from '@jest/globals';
import { openMetrics } from '../../src/telemetry/metrics.ts';

const linesOf = async (metrics: { text(): Promise<string> }) =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith('smap_'));

test('requests to the inference server are counted by how long they took, and by nothing but their model', async () => {
  const metrics = openMetrics();
  for (const ms of [0.4, 3, 3, 20_000]) metrics.listen({ event: 'inferred', model: 'smap_fleet', ms });
  const lines = await linesOf(metrics);
  for (const [le, count] of [
    ['0.5', 1],
    ['2.5', 1],
    ['5', 3],
    ['10000', 3],
    ['+Inf', 4],
  ])
    expect(lines).toContain(`smap_inference_time_ms_bucket{le="${le}",model="smap_fleet"} ${count}`);
  expect(lines).toContain('smap_inference_time_ms_sum{model="smap_fleet"} 20006.4');
  expect(lines).toContain('smap_inference_time_ms_count{model="smap_fleet"} 4');
});

test('what scores are held against stands beside them, and the scale of the sensors that have one', async () => {
  const metrics = openMetrics();
  const scales = [{ sensor: 'volt', min: 10, range: 2 }];
  metrics.listen({ event: 'judged-by', judge: { satellite: 'S', entity: 'A', threshold: 0.25, scales } });
  metrics.listen({ event: 'judged-by', judge: { satellite: 'S', entity: 'B', threshold: 0.5, scales: [] } });
  expect(await linesOf(metrics)).toEqual([
    'smap_anomaly_threshold{satellite_id="S",entity="A"} 0.25',
    'smap_anomaly_threshold{satellite_id="S",entity="B"} 0.5',
    'smap_sensor_scale_min{satellite_id="S",entity="A",sensor="volt"} 10',
    'smap_sensor_scale_range{satellite_id="S",entity="A",sensor="volt"} 2',
  ]);
});
