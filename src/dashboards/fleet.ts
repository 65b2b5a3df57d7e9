import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BarGaugeValueMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  TableSortByFieldStateBuilder,
  VisibilityMode,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { board, type Board } from './board.ts';
import { limits } from './limits.ts';
import { always, byThreshold, fromOn, hurts, quietArea, quietText, unseen } from './look.ts';
import { column, linkTo, now, numberPanel, overTime, say } from './panels.ts';
import { fleet, pipeline } from './queries.ts';

const hurting = numberPanel({
  title: 'Which satellite hurts?',
  description:
    'Of each satellite, how many entities are anomalous: at least half of their samples of the last five minutes. Worst first; red is one or more.',
  unit: 'none',
  box: [0, 0, 14, 7],
  query: now(fleet.anomalousOfSatellite, '{{satellite_id}}'),
  limit: 1,
  link: linkTo('Its worst entity', '/d/downlink-entity?var-satellite=${__field.labels.satellite_id}'),
}).textMode(BigValueTextMode.ValueAndName);

const silent = numberPanel({
  title: 'Of which is nothing heard?',
  description:
    'Of each satellite, how many entities were scored within the last day, but not in the last ten minutes. Orange is one or more.',
  unit: 'none',
  box: [14, 0, 6, 7],
  query: now(fleet.silentOfSatellite, '{{satellite_id}}'),
  limit: 1,
  color: unseen,
}).textMode(BigValueTextMode.ValueAndName);

const late = numberPanel({
  title: 'How late is all this?',
  description:
    'What the slowest stage has still to work off, in seconds. While it is red, this page shows what was, and not what is.',
  unit: 's',
  box: [20, 0, 4, 7],
  query: now(pipeline.worstLagSeconds),
  limit: limits.lateSeconds,
  link: linkTo('The pipeline', '/d/downlink-pipeline?'),
});

const open = say(new BarsBuilder(), {
  title: 'Which entities have an open anomaly?',
  description:
    'How severe it is, by the rule that is the most severe: a rule alarms above 1. Worst first; a click leads to the entity. What was told last holds for seven days.',
  unit: 'none',
  box: [0, 7, 8, 6],
})
  .withTarget(now(fleet.openSeverity, '{{satellite_id}}/{{entity}}'))
  .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  .orientation(VizOrientation.Horizontal)
  .displayMode(BarGaugeDisplayMode.Basic)
  .valueMode(BarGaugeValueMode.Text)
  .colorScheme(always(hurts))
  .decimals(2)
  .min(0)
  .noValue('none')
  .dataLinks([
    linkTo(
      'This entity',
      '/d/downlink-entity?var-satellite=${__field.labels.satellite_id}&var-entity=${__field.labels.entity}',
    ),
  ]);

const since = say(new TimelineBuilder(), {
  title: 'Since when?',
  description: 'Of each satellite the share of anomalous samples of its worst entity; red from one half on.',
  unit: 'percentunit',
  box: [8, 7, 16, 6],
})
  .withTarget(overTime(fleet.worstShareOfSatellite, '{{satellite_id}}'))
  .colorScheme(byThreshold())
  .thresholds(fromOn(limits.anomalousShare, hurts, quietArea))
  .mergeValues(true)
  .showValue(VisibilityMode.Never)
  .rowHeight(0.8)
  .lineWidth(0);

const names = {
  satellite: 'Satellite',
  entity: 'Entity',
  share: 'Anomalous',
  times: 'Score ÷ threshold',
  age: 'Last sample',
} as const;

const toEntity = linkTo(
  'This entity',
  `/d/downlink-entity?var-satellite=\${__data.fields.${names.satellite}}&var-entity=\${__data.fields.${names.entity}}`,
).build();

const colored = (unit: string, limit: number, color: string) => [
  { id: 'unit', value: unit },
  { id: 'decimals', value: unit === 'none' ? 2 : 0 },
  { id: 'thresholds', value: fromOn(limit, color, quietText).build() },
  { id: 'color', value: byThreshold().build() },
  { id: 'custom.cellOptions', value: { type: 'color-text' } },
];

const entities = say(new TableBuilder(), {
  title: 'Which entities are the worst?',
  description:
    'The share of anomalous samples and the mean score in thresholds, over five minutes, and how old the last sample is. Worst first; a click leads to the entity.',
  unit: 'none',
  box: [0, 13, 24, 14],
})
  .targets([column(fleet.anomalousShare, 'A'), column(fleet.timesThreshold, 'B'), column(fleet.silentSeconds, 'C')])
  .withTransformation({ id: 'merge', options: {} })
  .withTransformation({
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      indexByName: { satellite_id: 0, entity: 1, 'Value #A': 2, 'Value #B': 3, 'Value #C': 4 },
      renameByName: {
        satellite_id: names.satellite,
        entity: names.entity,
        'Value #A': names.share,
        'Value #B': names.times,
        'Value #C': names.age,
      },
    },
  })
  .sortBy([names.share, names.times].map((name) => new TableSortByFieldStateBuilder().displayName(name).desc(true)))
  .overrideByName(names.entity, [{ id: 'links', value: [toEntity] }])
  .overrideByName(names.share, colored('percentunit', limits.anomalousShare, hurts))
  .overrideByName(names.times, colored('none', 1, hurts))
  .overrideByName(names.age, colored('s', limits.silentSeconds, unseen));

/** Which satellite hurts, since when, and which of its entities. */
export const fleetDashboard = (): Board =>
  board({
    uid: 'downlink-fleet',
    title: 'Fleet',
    description: 'Which satellite hurts, since when, and which of its entities.',
    panels: [hurting, silent, late, open, since, entities],
  });
