import type { Records } from '../../contract/index.ts';

type Anomaly = Records['anomaly'];

export interface AnomalyView {
  saw(anomaly: Anomaly): void;
  /** The newest first. */
  of(entity: string): readonly Anomaly[];
}

/** Of each entity its last anomalies, as the last record of each says. */
export function openAnomalyView(mostOfEntity: number): AnomalyView {
  const entities = new Map<string, Map<string, Anomaly>>();
  return {
    saw: (anomaly) => {
      const key = `${anomaly.satellite_id}/${anomaly.entity}`;
      const own = entities.get(key) ?? new Map<string, Anomaly>();
      entities.set(key, own);
      own.set(anomaly.id, anomaly);
      const [oldest] = own.keys();
      if (own.size > mostOfEntity && oldest !== undefined) own.delete(oldest);
    },
    of: (entity) => [...(entities.get(entity)?.values() ?? [])].reverse(),
  };
}
