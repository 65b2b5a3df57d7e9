import type { Batch, FleetEntity, Lane, Outcome, Records, Rejection, Sent, Stage } from '../../contract/index.ts';
import { columnsOf, joined, without, type Columns, type Telemetry } from './columns.ts';
import { judge } from './judge.ts';
import { partitionOf } from './murmur2.ts';
import type { Settings } from './settings.ts';

type Samples = Records['samples'];

/** An entity, and where its samples go. */
interface Home {
  readonly key: string;
  readonly partition: number;
  readonly entity: FleetEntity;
}

/** What a batch holds of one entity leaves as one record: the price of a single sample is paid here and nowhere else. */
export function openIngest({ settings, partitions, fleet }: Lane<Settings>): Stage<Telemetry, Samples> {
  const homes = new Map<string, Home>();
  for (const [key, entity] of fleet) homes.set(key, { key, partition: partitionOf(key, partitions), entity });
  const satellites = new Set([...fleet.values()].map(({ satellite }) => satellite));
  const unknown = ({ satellite_id, entity }: Telemetry): string =>
    satellites.has(satellite_id)
      ? `satellite ${satellite_id} has no entity ${entity}`
      : `there is no satellite ${satellite_id} (entity ${entity})`;

  const process = ({ records }: Batch<Telemetry>): Outcome<Samples, never> => {
    const send: Sent<Samples>[] = [];
    const reject: Rejection[] = [];
    const accepted = new Map<Home, [Columns, ...Columns[]]>();
    const accept = (home: Home, columns: Columns): void => {
      const before = accepted.get(home);
      if (before === undefined) accepted.set(home, [columns]);
      else if (isNumbered(before[0]) === isNumbered(columns)) before.push(columns);
      else {
        send.push(sent(home, before));
        accepted.set(home, [columns]);
      }
    };
    for (const [record, { value, timestamp }] of records.entries()) {
      const home = homes.get(`${value.satellite_id}/${value.entity}`);
      if (home === undefined) {
        reject.push({ record, code: 'entity-unknown', detail: unknown(value) });
        continue;
      }
      const columns = columnsOf(value);
      const refusal = judge(columns, home.entity, timestamp, settings);
      if (refusal === undefined) accept(home, columns);
      else {
        reject.push({ record, code: 'telemetry-invalid', ...refusal });
        if (refusal.samples !== undefined) accept(home, without(columns, refusal.samples));
      }
    }
    for (const [home, parts] of accepted) send.push(sent(home, parts));
    return { send, reject };
  };
  return { process };
}

/** A record is numbered throughout, or not at all. */
const isNumbered = ({ indices }: Columns): boolean => indices !== null;

const sent = ({ key, partition, entity: { satellite, name } }: Home, parts: readonly Columns[]): Sent<Samples> => ({
  key,
  partition,
  value: { satellite_id: satellite, entity: name, ...joined(parts) },
});
