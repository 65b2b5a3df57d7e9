import { BarGaugeDisplayMode, BarGaugeValueMode } from '@grafana/grafana-foundation-sdk/common';
import {
  AxisPlacement,
  LineInterpolation,
  LineStyleBuilder,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
  type AnnotationQuery,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { board, type Board } from './board.ts';
import { dataSource } from './data-source.ts';
import { limits } from './limits.ts';
import { always, hurts, unseen } from './look.ts';
import { linesPanel, linkTo, now, numberPanel, overTime, say } from './panels.ts';
import { entity } from './queries.ts';

const uid = 'downlink-entity';

function variable(name: string, label: string, query: string, regex?: string): QueryVariableBuilder {
  const made = new QueryVariableBuilder(name)
    .label(label)
    .datasource(dataSource)
    .query({ query, refId: name })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged);
  // What is asked for by a query comes worst first, and stays so.
  return regex === undefined ? made.sort(VariableSort.NaturalAsc) : made.regex(regex).sort(VariableSort.Disabled);
}

const open = numberPanel({
  title: 'Has it an open anomaly?',
  description:
    'How severe, by the rule that is the most severe: a rule alarms above 1. 0 where no anomaly is open. What was told last holds for seven days.',
  unit: 'none',
  box: [0, 0, 6, 4],
  query: now(entity.openSeverity),
  limit: limits.severity,
}).decimals(2);

const anomalous = numberPanel({
  title: 'Is it above its threshold?',
  description: 'The share of its samples of the last five minutes that passed the threshold. Red from one half on.',
  unit: 'percentunit',
  box: [6, 0, 6, 4],
  query: now(entity.anomalousShare),
  limit: limits.anomalousShare,
});

const times = numberPanel({
  title: 'How far above its threshold?',
  description: 'The mean score of the last five minutes in thresholds: above 1 it is anomalous.',
  unit: 'none',
  box: [12, 0, 6, 4],
  query: now(entity.timesThreshold),
  limit: 1,
}).decimals(2);

const age = numberPanel({
  title: 'How old is its last sample?',
  description: 'By the time of the sample itself. Orange: nothing has come for ten minutes.',
  unit: 's',
  box: [18, 0, 6, 4],
  query: now(entity.silentSeconds),
  limit: limits.silentSeconds,
  color: unseen,
});

const score = linesPanel({
  title: 'When was it anomalous?',
  description:
    'The score, the threshold (dashed), and in red where samples passed it. Of each step the highest, so that nothing short disappears. The threshold is known from when infer was first scraped on.',
  unit: 'none',
  box: [0, 4, 24, 9],
  queries: [
    overTime(entity.score, 'score').refId('A'),
    overTime(entity.threshold, 'threshold').refId('B'),
    overTime(entity.detected, 'detected').refId('C'),
  ],
})
  .overrideByName('threshold', [
    { id: 'color', value: always('text').build() },
    { id: 'custom.lineStyle', value: new LineStyleBuilder().fill('dash').dash([8, 8]).build() },
  ])
  .overrideByName('detected', [
    { id: 'color', value: always(hurts).build() },
    { id: 'custom.axisPlacement', value: AxisPlacement.Hidden },
    { id: 'custom.lineInterpolation', value: LineInterpolation.StepAfter },
    { id: 'custom.lineWidth', value: 0 },
    { id: 'custom.fillOpacity', value: 25 },
    { id: 'max', value: 1 },
  ]);

const severity = linesPanel({
  title: 'Which rules alarm?',
  description:
    'The severity of each rule, of each step the highest: a rule alarms above 1 (dashed). 0 where it has not alarmed for a hundred rows. The spans in which an anomaly was open, from its first row to a hundred rows after its last alarm, are marked in all panels.',
  unit: 'none',
  box: [0, 13, 24, 7],
  queries: [overTime(entity.severityByRule, '{{rule}}')],
  limit: limits.severity,
}).lineInterpolation(LineInterpolation.StepAfter);

/** In the fields of all Grafanas: older ones know no target. Points that are a step apart are drawn as one span. */
const spans: AnnotationQuery = {
  name: 'Open anomalies',
  datasource: dataSource,
  enable: true,
  iconColor: hurts,
  target: overTime(entity.isOpen, '').refId('Anno').interval('60s').build(),
  expr: entity.isOpen,
  step: '60s',
  titleFormat: 'Anomaly',
  textFormat: '{{satellite_id}}/{{entity}}',
};

const worst = say(new BarsBuilder(), {
  title: 'Which sensors are to blame?',
  description: 'The eight sensors with the largest mean error in the time shown, worst first. A click shows one.',
  unit: 'none',
  box: [0, 20, 8, 15],
})
  .withTarget(now(entity.worstSensors, '{{sensor}}'))
  .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  .orientation(VizOrientation.Horizontal)
  .displayMode(BarGaugeDisplayMode.Basic)
  .valueMode(BarGaugeValueMode.Text)
  .colorScheme(always('blue'))
  .min(0)
  .dataLinks([
    linkTo(
      'This sensor',
      `/d/${uid}?\${satellite:queryparam}&\${entity:queryparam}&var-sensor=\${__field.labels.sensor}`,
    ),
  ]);

const sensor = linesPanel({
  title: 'What did $sensor send, and what was expected?',
  description:
    'The value as it was sent, and what the model expected (dashed), both in the unit of the value. What was expected is shown from when infer was first scraped on: only it knows the scale.',
  unit: 'none',
  box: [8, 20, 16, 8],
  min: 'auto',
  queries: [overTime(entity.value, 'sent').refId('A'), overTime(entity.expected, 'expected').refId('B')],
}).overrideByName('expected', [
  { id: 'color', value: always('text').build() },
  { id: 'custom.lineStyle', value: new LineStyleBuilder().fill('dash').dash([4, 4]).build() },
]);

const error = linesPanel({
  title: 'How far off was $sensor?',
  description: "The squared difference of the two on the model's scale. The mean of it over all sensors is the score.",
  unit: 'none',
  box: [8, 28, 16, 7],
  queries: [overTime(entity.error, 'error')],
});

/** One entity: whether and when it was anomalous, and which sensor is to blame. */
export const entityDashboard = (): Board =>
  board({
    uid,
    title: 'Entity',
    description: 'Whether and when an entity was anomalous, and which of its sensors is to blame.',
    variables: [
      variable('satellite', 'Satellite', entity.satellites),
      variable('entity', 'Entity', entity.entities, '/entity="([^"]+)"/'),
      variable('sensor', 'Sensor', entity.sensors, '/sensor="([^"]+)"/'),
    ],
    annotations: [spans],
    panels: [open, anomalous, times, age, score, severity, worst, sensor, error],
  });
