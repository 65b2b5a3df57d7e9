import type { Records, SeriesBlock, Stage } from '../../contract/index.ts';
import { blockOf } from './block.ts';
import { seriesOf, type EntitySeries } from './entity.ts';

type Anomaly = Records['anomaly'];

/**
 * Anomalies as time series, a block for each record. The fleet is not asked: what was detected of an entity that has left it
 * since is told all the same, so that nothing stays open for ever.
 */
export function openReport(): Stage<Anomaly, SeriesBlock> {
  const entities = new Map<string, EntitySeries>();
  const seriesFor = ({ satellite_id, entity }: Anomaly, key: string): EntitySeries => {
    const known = entities.get(key) ?? seriesOf(satellite_id, entity);
    entities.set(key, known);
    return known;
  };
  return {
    process: ({ records }) => ({
      send: records.map(({ value }) => {
        const key = `${value.satellite_id}/${value.entity}`;
        return { key, value: blockOf(seriesFor(value, key), value) };
      }),
    }),
  };
}
