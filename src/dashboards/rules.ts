import { limits } from './limits.ts';
import { alerts } from './queries.ts';

/** Fires for each series whose number is above the limit for so long. */
export interface Rule {
  readonly name: string;
  readonly expr: string;
  readonly above: number;
  readonly forMinutes: number;
  /** `critical`: a satellite hurts, or nobody sees whether it does; look now. `warning`: look today, nothing is lost. */
  readonly severity: 'critical' | 'warning';
  /** How a number reads in a sentence. */
  readonly shown: 'share' | 'duration' | 'number';
  /** For whoever is woken by it; `{name}` is a label, `{value}` the number. */
  readonly summary: string;
  readonly description: string;
  /** Where to look, behind Grafana's address. */
  readonly path: string;
}

const toEntity = '/d/downlink-entity?var-satellite={satellite_id}&var-entity={entity}';
const toPipeline = '/d/downlink-pipeline';

export const rules: readonly Rule[] = [
  {
    name: 'AnomalyOpen',
    expr: alerts.open,
    above: 0,
    // Detect has made up its mind: an anomaly that begins is told of once, and lasts for a hundred rows at least.
    forMinutes: 0,
    severity: 'critical',
    shown: 'number',
    summary: '{satellite_id}/{entity} has an open anomaly of severity {value}.',
    description:
      'The entity is not as it was in its own recent past; a rule alarms above 1. The dashboard of the entity shows which rules and since when; `downlink anomalies ls --open` says it in a sentence. It ends when the anomaly closes, a hundred rows after its last alarm: an entity that falls silent before stays anomalous for seven days.',
    path: toEntity,
  },
  {
    name: 'EntityAnomalous',
    expr: alerts.anomalous,
    above: limits.anomalousShare,
    // The five minutes are in the expression; two more keep a span that ends by itself from waking anybody.
    forMinutes: 2,
    severity: 'critical',
    shown: 'share',
    summary: '{satellite_id}/{entity} is anomalous: {value} of its samples of the last five minutes.',
    description:
      'Its scores are above the threshold that came with the model: it does what the model was never shown. AnomalyOpen judges by the recent past of the entity, and finds more; this one also holds while detect still learns, does not run, or has taken what lasts for the new normal. The dashboard of the entity shows since when, and which sensors are to blame.',
    path: toEntity,
  },
  {
    name: 'EntitySilent',
    expr: alerts.silent,
    above: limits.silentSeconds,
    forMinutes: 1,
    severity: 'critical',
    shown: 'duration',
    summary: 'Nothing has been scored of {satellite_id}/{entity} for {value}.',
    description:
      'Either nothing comes from it, or it does not get through: where other entities are silent too, look at the pipeline first. An entity that was not seen for a day counts as gone.',
    path: toEntity,
  },
  {
    name: 'StageLate',
    expr: alerts.late,
    above: limits.lateSeconds,
    // A deployment or a broker that restarts is over by then.
    forMinutes: 2,
    severity: 'warning',
    shown: 'duration',
    summary: 'Stage {stage} is {value} late.',
    description:
      'Nothing is lost, but what the dashboards show is old. The pipeline dashboard shows what the stage waits for; if it waits for nothing, start more of it.',
    path: toPipeline,
  },
  {
    name: 'RecordsRefused',
    expr: alerts.refused,
    above: limits.refusedRecords,
    forMinutes: 0,
    severity: 'warning',
    shown: 'number',
    summary: 'Stage {stage} refused {value} records in ten minutes: {code}.',
    description:
      'They are in the dead letters, byte for byte: `downlink dlq ls` shows them, and after the cause is mended `downlink dlq redrive` puts them back. The README says what each code means.',
    path: toPipeline,
  },
];
