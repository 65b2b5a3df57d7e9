import type { FleetEntity, Records } from '../../contract/index.ts';
import { watch, type Place } from '../../stages/detect/entity.ts';
import type { Settings } from '../../stages/detect/settings.ts';
import { keyOf, type Anomaly } from '../anomalies/told.ts';

type Scores = Records['scores'];
type DetectorState = Records['detector-state'];

/** Stored scores of an entity, judged once more by the code of the stage itself. */
export interface Replay {
  take(scores: Scores, place: Place): void;
  /** What is known of each anomaly at its end, or so far, in their order; not of what was open before the first row. */
  found(): readonly Anomaly[];
}

export function openReplay(entity: FleetEntity, settings: Settings, restored: DetectorState | undefined): Replay {
  const key = keyOf({ satellite_id: entity.satellite, entity: entity.name });
  const watched = watch(key, entity, settings, restored);
  const last = new Map<string, Anomaly>();
  return {
    take: (scores, place) => {
      for (const { value } of watched.take(scores, place).told)
        if (value.phase === 'opened' || last.has(value.id)) last.set(value.id, { ...value, state_before: null });
    },
    found: () => {
      // What is open was told of up to a hundred rows ago.
      const { open } = watched.checkpoint();
      const told = open === null ? undefined : last.get(open.id);
      if (open === null || told === undefined) return [...last.values()];
      const { end_index, end_time, rules, peak_severity, peak_index, peak_time, sentence, sensors } = open;
      const now = { end_index, end_time, rules, peak_severity, peak_index, peak_time, sentence, sensors };
      return [...last.values()].map((one) => (one === told ? { ...told, ...now } : one));
    },
  };
}
