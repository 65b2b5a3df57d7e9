import type { Batch, Lane, Outcome, Records, Rejection, Sent, Stage } from '../../contract/index.ts';
import { watch, type Watched } from './entity.ts';
import type { Settings } from './settings.ts';

type Scores = Records['scores'];
type Anomaly = Records['anomaly'];
type DetectorState = Records['detector-state'];

/** Watches each entity by itself; what it found of one is told in the order of its samples. */
export function openDetect(lane: Lane<Settings, DetectorState>): Stage<Scores, Anomaly, DetectorState> {
  const { settings, fleet, restored, partition, source } = lane;
  const watched = new Map<string, Watched>();
  const watchedOf = (key: string): Watched | undefined => {
    const known = watched.get(key);
    const entity = fleet.get(key);
    if (known !== undefined || entity === undefined) return known;
    const begun = watch(key, entity, settings, restored.get(key));
    watched.set(key, begun);
    return begun;
  };
  for (const entity of Object.keys(settings.entities)) watchedOf(entity);

  const process = ({ records }: Batch<Scores>): Outcome<Anomaly, DetectorState> => {
    const send: Sent<Anomaly>[] = [];
    const reject: Rejection[] = [];
    const touched = new Map<string, Watched>();
    for (const [record, { value, offset }] of records.entries()) {
      const key = `${value.satellite_id}/${value.entity}`;
      const one = watchedOf(key);
      if (one === undefined) {
        reject.push({ record, code: 'entity-unknown', detail: `the fleet has no ${key}` });
        continue;
      }
      touched.set(key, one);
      const { told, refused } = one.take(value, { topic: source, partition, offset: Number(offset) });
      for (const anomaly of told) send.push(anomaly);
      for (const { sample, ...why } of refused) reject.push({ record, samples: [sample], ...why });
    }
    const checkpoint = new Map([...touched].map(([key, one]) => [key, one.checkpoint()]));
    return { send, reject, checkpoint };
  };
  return { process };
}
