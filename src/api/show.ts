import type { Records } from '../contract/index.ts';
import type { FedRecord } from './feed.ts';
import { resultShown } from './routes/results.ts';
import { timeOf } from './routes/jobs.ts';
import type { ApiParts } from './parts.ts';

/** What a record changes in what is shown, and what subscribers hear of it. */
export function show(
  { value, timestamp, offset, place }: FedRecord,
  { jobs, samples, anomalies, events }: Pick<ApiParts, 'jobs' | 'samples' | 'anomalies' | 'events'>,
  sensorsOf: (entity: string) => readonly string[],
): void {
  const nothing = { owner: undefined, job: undefined, model: undefined, entity: undefined };
  // A cancel is heard of by its result.
  if ('cancelled_at' in value) return;
  if ('data' in value) return jobs.sawJob(value);
  if ('batch_size' in value) {
    const isFirst = jobs.sawResult(value, timestamp);
    const { id, owner, model } = value;
    const event = { ...nothing, topic: 'job', owner, job: id, model } as const;
    const result = jobs.find(id)?.result;
    events.add(`r${place.partition}`, offset, isFirst ? [event] : [], (_, told) => ({
      type: 'job',
      id: told,
      ...(result === undefined ? {} : resultShown({ id, model, submittedAt: value.submitted_at }, result)),
    }));
    return;
  }
  const entity = `${value.satellite_id}/${value.entity}`;
  if ('phase' in value) {
    anomalies.saw(value);
    const event = { ...nothing, topic: 'anomaly', entity } as const;
    events.add(`a${place.partition}`, offset, [event], (_, told) => anomalyMessage(value, told));
    return;
  }
  samples.saw(value);
  const sensors = sensorsOf(entity);
  const event = { ...nothing, topic: 'samples', entity } as const;
  const each = value.timestamps.map(() => event);
  events.add(`s${place.partition}`, offset, each, (at, told) => sampleMessage(value, at, sensors, told));
}

const anomalyMessage = (anomaly: Records['anomaly'], id: string) => ({
  type: 'anomaly',
  id,
  anomaly_id: anomaly.id,
  satellite_id: anomaly.satellite_id,
  entity: anomaly.entity,
  phase: anomaly.phase,
  begin: timeOf(anomaly.begin_time),
  end: timeOf(anomaly.end_time),
  severity: anomaly.severity,
  peak_severity: anomaly.peak_severity,
  rules: anomaly.rules,
  sentence: anomaly.sentence,
});

/** Under the names that users of the replaced system know. */
function sampleMessage(scores: Records['scores'], at: number, sensors: readonly string[], id: string) {
  const width = scores.values.length / scores.timestamps.length;
  const first = at * width;
  return {
    type: 'smap_inference',
    id,
    satellite_id: scores.satellite_id,
    entity: scores.entity,
    timestamp: timeOf(scores.timestamps[at] ?? 0),
    anomaly_score: scores.score[at] ?? null,
    anomaly_detected: scores.detected[at] === true,
    sensors: Array.from({ length: width }, (_, sensor) => {
      const reconstruction = scores.reconstruction[first + sensor] ?? NaN;
      const normalised = scores.normalised[first + sensor] ?? NaN;
      return {
        id: sensors[sensor] ?? `sensor_${sensor}`,
        value: scores.values[first + sensor] ?? null,
        reconstruction,
        error: (normalised - reconstruction) ** 2,
      };
    }),
  };
}
