import type { Entity } from '../../config/topology.ts';
import type { SeriesHistory } from '../../sinks/victoria/series-history.ts';
import type { EntitySamples } from './samples.ts';

interface Asked {
  readonly from: number;
  readonly to: number;
  /** Its place; without one only scores are asked for. */
  readonly sensor?: number;
}

/** What the view has or, where more is asked for and there is VictoriaMetrics, what that has. */
export async function storedSamples(
  own: EntitySamples | undefined,
  series: SeriesHistory | undefined,
  { satellite, name, sensors }: Entity,
  { from, to, sensor }: Asked,
): Promise<EntitySamples | undefined> {
  const isHere = own !== undefined && own.count > 0 && own.timestamp(0) <= from;
  if (series === undefined || !Number.isFinite(from) || isHere) return own;
  const until = Math.min(to, Date.now());
  const labels = { satellite_id: satellite, entity: name };
  const sensorName = sensor === undefined ? undefined : sensors[sensor];
  const [first, second, third] =
    sensorName === undefined
      ? await series.of(['smap_anomaly_score', 'smap_anomaly_detected'], labels, from, until)
      : await series.of(
          ['smap_sensor_value', 'smap_sensor_reconstruction', 'smap_sensor_error'],
          { ...labels, sensor: sensorName },
          from,
          until,
        );
  const times = first?.timestamps ?? [];
  const numberAt = (of: typeof first): ((at: number) => number) => {
    // What is not exported for every sample has fewer points.
    const byTime = new Map(of?.timestamps.map((time, at) => [time, of.values[at] ?? NaN]));
    return (at) => byTime.get(times[at] ?? NaN) ?? NaN;
  };
  const [one, two, three] = [numberAt(first), numberAt(second), numberAt(third)];
  return {
    count: times.length,
    timestamp: (at) => times[at] ?? NaN,
    score: one,
    detected: (at) => two(at) === 1,
    value: one,
    reconstruction: two,
    error: three,
  };
}
