import { dataSource } from './data-source.ts';
import type { Rule } from './rules.ts';
import { annotationsOf } from './sentence.ts';

/** The rules as Grafana provisions them: A is asked for, B compares. */
export const grafanaGroups = (rules: readonly Rule[]) => ({
  apiVersion: 1,
  groups: [
    {
      orgId: 1,
      name: 'downlink',
      folder: 'downlink',
      interval: '30s',
      rules: rules.map((rule) => ({
        uid: `downlink-${rule.name}`,
        title: rule.name,
        condition: 'B',
        data: [ask(rule), compare(rule)] as const,
        // No series: nothing was refused, or nothing was ever scored. That a program is away is an error, and said.
        noDataState: 'OK',
        execErrState: 'Error',
        for: `${rule.forMinutes}m`,
        labels: { severity: rule.severity },
        annotations: annotationsOf(rule, '$values.A.Value'),
        isPaused: false,
      })),
    },
  ],
});

const ask = ({ expr }: Rule) => ({
  refId: 'A',
  relativeTimeRange: { from: 600, to: 0 },
  datasourceUid: dataSource.uid,
  model: { refId: 'A', datasource: dataSource, expr, instant: true, range: false },
});

const compare = ({ above }: Rule) => ({
  refId: 'B',
  datasourceUid: '__expr__',
  model: {
    refId: 'B',
    datasource: { type: '__expr__', uid: '__expr__' },
    type: 'threshold',
    expression: 'A',
    conditions: [{ evaluator: { type: 'gt', params: [above] } }],
  },
});
