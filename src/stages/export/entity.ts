import type { FleetEntity, Metric, Series } from '../../contract/index.ts';

// The names that users of the replaced system have in their dashboards.
const score: Metric = { name: 'smap_anomaly_score', about: 'Mean over the sensors of the squared error of a sample.' };
const detected: Metric = { name: 'smap_anomaly_detected', about: '1 where the score passed the threshold, else 0.' };
const value: Metric = { name: 'smap_sensor_value', about: "A sensor's value as it was sent." };
const reconstruction: Metric = {
  name: 'smap_sensor_reconstruction',
  about: 'What the model expected of the sensor, on the scale that the model sees.',
};
const error: Metric = {
  name: 'smap_sensor_error',
  about: "The squared difference of the sensor's normalised value and its reconstruction.",
};

/** The series of one entity, the same objects as long as a lane is open. */
export interface EntitySeries {
  readonly sensors: number;
  readonly ofSamples: readonly Series[];
  /** Of each sensor its value, reconstruction and error. */
  readonly ofSensor: readonly (readonly Series[])[];
}

export function seriesOf({ satellite, name, sensors }: FleetEntity): EntitySeries {
  const labels = { satellite_id: satellite, entity: name };
  return {
    sensors: sensors.length,
    ofSamples: [score, detected].map((metric) => ({ metric, labels })),
    ofSensor: sensors.map((sensor) =>
      [value, reconstruction, error].map((metric) => ({ metric, labels: { ...labels, sensor } })),
    ),
  };
}
