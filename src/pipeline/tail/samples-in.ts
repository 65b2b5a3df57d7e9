import type { Records } from '../../contract/index.ts';
import { worstSensors, type SensorShare } from './worst-sensors.ts';

/** One scored sample. */
export interface Sample {
  readonly satellite_id: string;
  readonly entity: string;
  /** When it was measured, in milliseconds since 1970. */
  readonly timestamp: number;
  readonly index: number;
  readonly score: number;
  readonly threshold: number;
  readonly detected: boolean;
  readonly warming: boolean;
  readonly gap: boolean;
  /** Where it was detected: those that carry most of its error, the worst first. */
  readonly sensors: readonly SensorShare[];
}

/** The samples of one record, in its order; `sensors` are the names that the topology has for them. */
export function samplesIn(scores: Records['scores'], sensors: readonly string[]): readonly Sample[] {
  const { satellite_id, entity, threshold } = scores;
  return scores.indices.map((index, at) => {
    const detected = scores.detected[at] === true;
    return {
      satellite_id,
      entity,
      timestamp: scores.timestamps[at] ?? NaN,
      index,
      score: scores.score[at] ?? NaN,
      threshold,
      detected,
      warming: scores.warming[at] === true,
      gap: scores.gap[at] === true,
      sensors: detected ? worstSensors(scores, at, sensors) : [],
    };
  });
}
