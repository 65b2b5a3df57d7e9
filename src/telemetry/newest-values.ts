import { Gauge, type Registry } from 'prom-client';
import type { NewestValue } from './events.ts';

export interface NewestValues {
  keep(stage: string, key: string, values: () => Iterable<NewestValue>): void;
  /** The stage may have other lanes now: what is of those that it still has comes again. */
  forget(stage: string): void;
  /** Sets the gauges; only when somebody asks, as values come far more often. */
  show(): void;
}

/** The newest value of each series that goes to no program outside, as gauges under the series' own names. */
export function openNewestValues(registry: Registry): NewestValues {
  const stages = new Map<string, Map<string, () => Iterable<NewestValue>>>();
  const gauges = new Map<string, Gauge>();

  const gaugeOf = ({ name, about, labels }: NewestValue): Gauge => {
    let gauge = gauges.get(name);
    if (gauge === undefined)
      gauges.set(
        name,
        (gauge = new Gauge({ registers: [registry], name, help: about, labelNames: Object.keys(labels) })),
      );
    return gauge;
  };
  return {
    keep: (stage, key, values) => {
      const known = stages.get(stage) ?? new Map<string, () => Iterable<NewestValue>>();
      stages.set(stage, known);
      known.set(key, values);
    },
    forget: (stage) => {
      stages.delete(stage);
    },
    show: () => {
      for (const gauge of gauges.values()) gauge.reset();
      for (const known of stages.values())
        for (const values of known.values())
          for (const value of values()) gaugeOf(value).set(value.labels, value.number);
    },
  };
}
