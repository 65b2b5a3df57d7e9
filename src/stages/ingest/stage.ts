import type { Batch, Lane, Outcome, Records, Rejection, Sent, Stage } from '../../contract/index.ts';
import { columnsOf, judge, type Columns, type Telemetry } from './judge.ts';
import { partitionOf } from './murmur2.ts';
import type { Settings } from './settings.ts';

type Samples = Records['samples'];

/** Samples of one entity being put together. */
interface Gathering {
  readonly satellite_id: string;
  readonly entity: string;
  readonly numbered: boolean;
  readonly timestamps: number[];
  readonly indices: number[];
  readonly values: number[];
}

/** What a batch holds of one entity leaves as one record: the price of a single sample is paid here and nowhere else. */
export function openIngest({ settings, partitions, fleet }: Lane<Settings>): Stage<Telemetry, Samples> {
  const places = new Map([...fleet.keys()].map((key) => [key, partitionOf(key, partitions)]));

  const process = ({ records }: Batch<Telemetry>): Outcome<Samples, never> => {
    const reject: Rejection[] = [];
    const send: Sent<Samples>[] = [];
    const gathering = new Map<string, Gathering>();
    const finish = (key: string): void => {
      const one = gathering.get(key);
      if (one === undefined || one.timestamps.length === 0) return;
      send.push({ key, partition: places.get(key) ?? 0, value: samplesOf(one) });
      gathering.delete(key);
    };
    for (const [record, { value, timestamp }] of records.entries()) {
      const key = `${value.satellite_id}/${value.entity}`;
      const entity = fleet.get(key);
      if (entity === undefined) {
        reject.push({ record, code: 'entity-unknown', detail: unknown(value, fleet) });
        continue;
      }
      const columns = columnsOf(value);
      const { whole, samples } = judge(columns, entity, timestamp, settings);
      if (whole.length > 0 || samples.size === columns.timestamps.length) {
        const said = whole.length > 0 ? whole : inWords(samples);
        reject.push({ record, code: 'telemetry-invalid', detail: said.join('; ') });
        continue;
      }
      if (samples.size > 0) {
        reject.push({
          record,
          samples: [...samples.keys()],
          code: 'telemetry-invalid',
          detail: inWords(samples).join('; '),
        });
      }
      const numbered = columns.indices !== null;
      // Numbered or not, one record is wholly so.
      if (gathering.get(key)?.numbered !== numbered) finish(key);
      const into = gathering.get(key) ?? begin(value, numbered);
      gathering.set(key, into);
      append(into, columns, entity.sensors.length, samples);
    }
    for (const key of [...gathering.keys()]) finish(key);
    return { send, reject };
  };
  return { process };
}

const begin = ({ satellite_id, entity }: Telemetry, numbered: boolean): Gathering => ({
  satellite_id,
  entity,
  numbered,
  timestamps: [],
  indices: [],
  values: [],
});

function append(into: Gathering, columns: Columns, width: number, bad: ReadonlyMap<number, unknown>): void {
  const { timestamps, indices, values } = columns;
  for (let i = 0; i < timestamps.length; i++) {
    if (bad.has(i)) continue;
    into.timestamps.push(timestamps[i] ?? 0);
    if (indices !== null) into.indices.push(indices[i] ?? 0);
    for (let at = i * width; at < (i + 1) * width; at++) into.values.push(values[at] ?? 0);
  }
}

const samplesOf = ({ satellite_id, entity, numbered, timestamps, indices, values }: Gathering): Samples => ({
  satellite_id,
  entity,
  timestamps,
  indices: numbered ? indices : null,
  values: Float32Array.from(values),
});

function unknown({ satellite_id, entity }: Telemetry, fleet: Lane<Settings>['fleet']): string {
  const known = [...fleet.values()].some(({ satellite }) => satellite === satellite_id);
  return known
    ? `satellite ${satellite_id} has no entity ${entity}`
    : `there is no satellite ${satellite_id} (entity ${entity})`;
}

const inWords = (samples: ReadonlyMap<number, readonly string[]>): readonly string[] =>
  [...samples].flatMap(([sample, problems]) => problems.map((problem) => `sample ${sample}: ${problem}`));
