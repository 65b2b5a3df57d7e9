import type {
  Batch,
  FleetEntity,
  Lane,
  Outcome,
  Records,
  Rejection,
  Sent,
  SeriesBlock,
  Stage,
} from '../../contract/index.ts';
import { DownlinkError } from '../../errors.ts';
import { blockOf, chosen, worst, type Choice } from './block.ts';
import { seriesOf, type EntitySeries } from './entity.ts';
import type { Settings } from './settings.ts';

type Scores = Records['scores'];

interface Known {
  readonly series: EntitySeries;
  choose(run: readonly Scores[]): Choice;
}

/** Scored samples as time series: one block for each entity and batch, many samples long where many are waiting. */
export function openExport({ settings, fleet }: Lane<Settings>): Stage<Scores, SeriesBlock> {
  checkListed(settings, fleet);
  const entities = new Map<string, Known>();
  const knownOf = (key: string): Known | undefined => {
    const found = entities.get(key);
    const entity = fleet.get(key);
    if (found !== undefined || entity === undefined) return found;
    const known = know(entity, settings);
    entities.set(key, known);
    return known;
  };

  const process = ({ records }: Batch<Scores>): Outcome<SeriesBlock, never> => {
    const reject: Rejection[] = [];
    const runs = new Map<string, { readonly known: Known; readonly run: Scores[] }>();
    for (const [record, { value }] of records.entries()) {
      const key = `${value.satellite_id}/${value.entity}`;
      const known = knownOf(key);
      if (known === undefined) {
        reject.push({ record, code: 'entity-unknown', detail: `the fleet has no ${key}` });
        continue;
      }
      const problem = problemOf(value, known.series.sensors);
      if (problem !== undefined) {
        reject.push({ record, code: 'telemetry-invalid', detail: `${key}: ${problem}` });
        continue;
      }
      const entry = runs.get(key);
      if (entry === undefined) runs.set(key, { known, run: [value] });
      else entry.run.push(value);
    }
    const send: Sent<SeriesBlock>[] = [];
    for (const [key, { known, run }] of runs) {
      const value = blockOf(known.series.sensors, run, known.choose(run));
      if (value.timestamps.length > 0) send.push({ key, value });
    }
    return { send, reject };
  };
  return { process };
}

function know(entity: FleetEntity, { sensors, listedSensors, worstPercent }: Settings): Known {
  const series = seriesOf(entity);
  if (sensors === 'worst') return { series, choose: (run) => worst(series, run, worstPercent) };
  const all = [...entity.sensors.keys()];
  const listed = all.filter((at) => listedSensors.includes(entity.sensors[at] ?? ''));
  const choice = chosen(series, sensors === 'all' ? all : listed);
  return { series, choose: () => choice };
}

function checkListed({ sensors, listedSensors }: Settings, fleet: ReadonlyMap<string, FleetEntity>): void {
  if (sensors !== 'listed') return;
  const known = new Set([...fleet.values()].flatMap((entity) => entity.sensors));
  const unknown = listedSensors.filter((sensor) => !known.has(sensor));
  if (unknown.length === 0) return;
  const detail = `stages.export.settings.listedSensors: no entity of the fleet has ${unknown.join(', ')}`;
  throw new DownlinkError('config-invalid', detail);
}

/** Records outlive changes of the fleet. */
function problemOf(scores: Scores, sensors: number): string | undefined {
  const samples = scores.timestamps.length;
  for (const column of ['values', 'normalised', 'reconstruction'] as const) {
    const { length } = scores[column];
    if (length !== samples * sensors)
      return `${length} numbers of ${column} are not those of ${samples} samples of ${sensors} sensors`;
  }
  for (const column of ['score', 'detected'] as const) {
    const { length } = scores[column];
    if (length !== samples) return `${length} of ${column} are not those of ${samples} samples`;
  }
  return undefined;
}
