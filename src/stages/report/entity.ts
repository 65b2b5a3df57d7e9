import type { Metric, Series } from '../../contract/index.ts';

const open: Metric = {
  name: 'smap_anomaly_open',
  about: '1 while an anomaly of the entity is open, 0 from its close on.',
};
const severity: Metric = {
  name: 'smap_anomaly_severity',
  about: 'How severe an open anomaly is by a rule: 1 is where the rule alarms, 0 where it no longer does.',
};

/** The series of one entity, the same objects as long as a lane is open. */
export interface EntitySeries {
  readonly open: Series;
  readonly severityBy: (rule: string) => Series;
}

export function seriesOf(satellite_id: string, entity: string): EntitySeries {
  const labels = { satellite_id, entity };
  const byRule = new Map<string, Series>();
  return {
    open: { metric: open, labels },
    severityBy: (rule) => {
      const known = byRule.get(rule) ?? { metric: severity, labels: { ...labels, rule } };
      byRule.set(rule, known);
      return known;
    },
  };
}
