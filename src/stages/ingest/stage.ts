import type { Batch, Lane, Outcome, Records, Rejection, Sent, Stage } from '../../contract/index.ts';
import { columnsOf, joined, without, type Columns, type Telemetry } from './columns.ts';
import { judge } from './judge.ts';
import { partitionOf } from './murmur2.ts';
import type { Settings } from './settings.ts';

type Samples = Records['samples'];

/** What a batch holds of one entity leaves as one record: the price of a single sample is paid here and nowhere else. */
export function openIngest({ settings, partitions, fleet }: Lane<Settings>): Stage<Telemetry, Samples> {
  const places = new Map([...fleet.keys()].map((key) => [key, partitionOf(key, partitions)]));
  const satellites = new Set([...fleet.values()].map(({ satellite }) => satellite));
  const unknown = ({ satellite_id, entity }: Telemetry): string =>
    satellites.has(satellite_id)
      ? `satellite ${satellite_id} has no entity ${entity}`
      : `there is no satellite ${satellite_id} (entity ${entity})`;

  const process = ({ records }: Batch<Telemetry>): Outcome<Samples, never> => {
    const send: Sent<Samples>[] = [];
    const reject: Rejection[] = [];
    const accepted = new Map<string, [Columns, ...Columns[]]>();
    const finish = (key: string, parts: readonly Columns[]): void => {
      const { satellite, name } = fleet.get(key) ?? { satellite: '', name: '' };
      send.push({
        key,
        partition: places.get(key) ?? 0,
        value: { satellite_id: satellite, entity: name, ...joined(parts) },
      });
    };
    const accept = (key: string, columns: Columns): void => {
      const before = accepted.get(key);
      // A record is numbered throughout, or not at all.
      if (before !== undefined && (before[0].indices === null) === (columns.indices === null)) {
        before.push(columns);
        return;
      }
      if (before !== undefined) finish(key, before);
      accepted.set(key, [columns]);
    };
    for (const [record, { value, timestamp }] of records.entries()) {
      const key = `${value.satellite_id}/${value.entity}`;
      const entity = fleet.get(key);
      if (entity === undefined) {
        reject.push({ record, code: 'entity-unknown', detail: unknown(value) });
        continue;
      }
      const columns = columnsOf(value);
      const refusal = judge(columns, entity, timestamp, settings);
      if (refusal === undefined) {
        accept(key, columns);
        continue;
      }
      reject.push({ record, code: 'telemetry-invalid', ...refusal });
      if (refusal.samples !== undefined) accept(key, without(columns, refusal.samples));
    }
    for (const [key, parts] of accepted) finish(key, parts);
    return { send, reject };
  };
  return { process };
}
