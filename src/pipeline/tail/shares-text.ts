import type { SensorShare } from './worst-sensors.ts';

const mostSensors = 3;

/** The first of these, which are the worst, and how many more there are. */
export function sharesText(sensors: readonly SensorShare[]): string {
  const shown = sensors.slice(0, mostSensors).map(({ sensor, share }) => `${sensor} ${Math.round(share * 100)} %`);
  const more = sensors.length - shown.length;
  return [...shown, ...(more > 0 ? [`… ${more} more`] : [])].join(', ');
}

export const sharesJson = (sensors: readonly SensorShare[]): readonly SensorShare[] =>
  sensors.map(({ sensor, share }) => ({ sensor, share: Number(share.toFixed(3)) }));
